package org.draugar.support;

import dev.harrel.jsonschema.Dialects;
import dev.harrel.jsonschema.EvaluatorFactory;
import dev.harrel.jsonschema.FormatEvaluatorFactory;
import dev.harrel.jsonschema.ValidatorFactory;
import dev.harrel.jsonschema.providers.JakartaJsonNode;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.draugar.docs.DocsResource;

/**
 * One of the published JSON documents, as its readers see it. What it says is taken to be all: a member that a schema
 * does not name is an error here, though clients pass over it.
 */
public final class Contract {
    public static final Contract OPENAPI = new Contract("openapi.json");
    public static final Contract ASYNCAPI = new Contract("asyncapi.json");

    private static final String SCHEMAS = "#/components/schemas/";

    private final ValidatorFactory validators = new ValidatorFactory()
            .withJsonNodeFactory(new JakartaJsonNode.Factory())
            .withEvaluatorFactory(EvaluatorFactory.compose(
                    new Dialects.Draft2020Dialect().getEvaluatorFactory(), new FormatEvaluatorFactory()));
    private final JsonObject document;

    private Contract(String name) {
        document = Json.createReader(new StringReader(text(name))).readObject();
    }

    /** The text of a published document. */
    public static String text(String name) {
        try (InputStream stream = DocsResource.class.getResourceAsStream(name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public JsonObject document() {
        return document;
    }

    /** What is at a JSON pointer. */
    public JsonValue at(String pointer) {
        return document.getValue(pointer);
    }

    public JsonObject object(String pointer) {
        return at(pointer).asJsonObject();
    }

    /** The object itself, or what its {@code $ref} points to. */
    public JsonObject resolve(JsonObject object) {
        return object.containsKey("$ref")
                ? resolve(object(object.getString("$ref").substring(1)))
                : object;
    }

    public JsonObject schemas() {
        return object("/components/schemas");
    }

    /** The members that an object of a schema may have, by name, with what it takes over from others. */
    public Map<String, Member> members(JsonObject schema) {
        Map<String, JsonObject> found = new TreeMap<>();
        Set<String> required = new TreeSet<>();
        collect(schema, found, required);
        Map<String, Member> members = new TreeMap<>();
        found.forEach((name, value) -> members.put(name, new Member(required.contains(name), value)));
        return members;
    }

    public record Member(boolean required, JsonObject schema) {}

    private void collect(JsonObject schemaOrReference, Map<String, JsonObject> members, Set<String> required) {
        JsonObject schema = resolve(schemaOrReference);
        array(schema, "allOf").forEach(part -> collect(part.asJsonObject(), members, required));
        if (schema.containsKey("properties")) {
            schema.getJsonObject("properties").forEach((name, value) -> members.put(name, value.asJsonObject()));
        }
        array(schema, "required").getValuesAs(JsonString.class).forEach(name -> required.add(name.getString()));
    }

    public static JsonArray array(JsonObject object, String name) {
        return object.containsKey(name) ? object.getJsonArray(name) : JsonValue.EMPTY_JSON_ARRAY;
    }

    /** What is wrong with a value by a schema of this document; empty when it is right. */
    public List<String> errors(JsonObject schema, JsonValue value) {
        JsonObjectBuilder known = Json.createObjectBuilder();
        schemas().forEach((name, part) -> known.add(name, open(part.asJsonObject())));
        JsonObject whole =
                Json.createObjectBuilder(closed(schema)).add("$defs", known).build();
        String moved = whole.toString().replace(SCHEMAS, "#/$defs/");
        return validators.validate(moved, value.toString()).getErrors().stream()
                .map(error -> error.getInstanceLocation() + ": " + error.getError())
                .toList();
    }

    /** A schema that describes a value: here, and not where it is a part of another, it names all members. */
    private static JsonObject closed(JsonObject schema) {
        boolean says = List.of("properties", "$ref", "allOf", "oneOf").stream().anyMatch(schema::containsKey);
        JsonObject open = open(schema);
        return says
                ? Json.createObjectBuilder(open)
                        .add("unevaluatedProperties", false)
                        .build()
                : open;
    }

    private static JsonObject open(JsonObject schema) {
        JsonObjectBuilder copy = Json.createObjectBuilder(schema);
        if (schema.containsKey("properties")) {
            JsonObjectBuilder properties = Json.createObjectBuilder();
            schema.getJsonObject("properties")
                    .forEach((name, value) -> properties.add(name, closed(value.asJsonObject())));
            copy.add("properties", properties);
        }
        if (schema.containsKey("items")) {
            copy.add("items", closed(schema.getJsonObject("items")));
        }
        for (String combination : List.of("allOf", "oneOf")) {
            if (schema.containsKey(combination)) {
                JsonArrayBuilder parts = Json.createArrayBuilder();
                schema.getJsonArray(combination).forEach(part -> parts.add(open(part.asJsonObject())));
                copy.add(combination, parts);
            }
        }
        return copy.build();
    }
}
