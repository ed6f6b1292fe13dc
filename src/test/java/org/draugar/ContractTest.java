package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.servlet.annotation.WebServlet;
import jakarta.websocket.DecodeException;
import jakarta.websocket.server.ServerEndpoint;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.SecurityContext;
import java.io.InputStream;
import java.io.StringReader;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.draugar.delivery.CloseReason;
import org.draugar.family.CurrentPlace;
import org.draugar.http.BodyFilter;
import org.draugar.http.HttpApi;
import org.draugar.http.ProblemMapper;
import org.draugar.location.Encrypted;
import org.draugar.location.Report;
import org.draugar.protocol.ClientMessage;
import org.draugar.protocol.ClientMessageDecoder;
import org.draugar.protocol.ServerMessage;
import org.draugar.protocol.ServerMessageEncoder;
import org.draugar.support.Contract;
import org.draugar.support.Node;
import org.draugar.websocket.LiveEndpoint;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The published documents say what the code does, and all of it. */
class ContractTest {
    private static final Contract OPENAPI = Contract.OPENAPI;
    private static final Contract ASYNCAPI = Contract.ASYNCAPI;

    private static final List<Class<?>> CODE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("org.draugar").stream()
                    .map(JavaClass::reflect)
                    .collect(Collectors.toUnmodifiableList());

    private final ClientMessageDecoder decoder = new ClientMessageDecoder();

    // The documents by themselves

    @Test
    void everyReferenceLeadsSomewhere() {
        for (Contract contract : List.of(OPENAPI, ASYNCAPI)) {
            List<String> references = new ArrayList<>();
            collectReferences(contract.document(), references);
            assertThat(references).isNotEmpty().allSatisfy(reference -> {
                assertThat(reference).startsWith("#/");
                assertThat(contract.at(reference.substring(1))).isInstanceOf(JsonObject.class);
            });
        }
    }

    private static void collectReferences(JsonValue value, List<String> references) {
        if (value instanceof JsonObject object) {
            object.forEach((name, member) -> {
                if (name.equals("$ref")) {
                    references.add(((JsonString) member).getString());
                }
                collectReferences(member, references);
            });
        } else if (value instanceof JsonArray array) {
            array.forEach(element -> collectReferences(element, references));
        }
    }

    @Test
    void bothDocumentsMeanTheSameByTheSameName() {
        Set<String> shared = new TreeSet<>(OPENAPI.schemas().keySet());
        shared.retainAll(ASYNCAPI.schemas().keySet());
        assertThat(shared).contains("Position", "EncryptedPayload");
        assertThat(shared).allSatisfy(name -> assertThat(OPENAPI.schemas().get(name))
                .isEqualTo(ASYNCAPI.schemas().get(name)));
    }

    @TestFactory
    Stream<DynamicTest> everyExampleFitsItsSchema() {
        List<DynamicTest> tests = new ArrayList<>();
        collectExamples("", OPENAPI.document(), tests);
        ASYNCAPI.object("/components/messages").forEach((name, value) -> {
            JsonObject payload = value.asJsonObject().getJsonObject("payload");
            for (JsonObject example :
                    Contract.array(value.asJsonObject(), "examples").getValuesAs(JsonObject.class)) {
                tests.add(fits(name, ASYNCAPI, payload, example.get("payload")));
            }
        });
        assertThat(tests).hasSizeGreaterThan(40);
        return tests.stream();
    }

    /** Whatever has a schema and examples: media types and parameters. */
    private static void collectExamples(String where, JsonValue value, List<DynamicTest> tests) {
        if (!(value instanceof JsonObject object)) {
            return;
        }
        if (object.get("schema") instanceof JsonObject schema) {
            if (object.containsKey("example")) {
                tests.add(fits(where, OPENAPI, schema, object.get("example")));
            }
            if (object.containsKey("examples")) {
                object.getJsonObject("examples")
                        .forEach((name, example) -> tests.add(fits(
                                where + " " + name,
                                OPENAPI,
                                schema,
                                example.asJsonObject().get("value"))));
            }
        } else {
            object.forEach((name, member) -> collectExamples(where + "/" + name, member, tests));
        }
    }

    private static DynamicTest fits(String what, Contract contract, JsonObject schema, JsonValue example) {
        return dynamicTest(
                what, () -> assertThat(contract.errors(schema, example)).isEmpty());
    }

    @Test
    void thePageLinksToEachDocument() {
        assertThat(Contract.text("index.html"))
                .contains("/api/docs/openapi.json", "/api/docs/asyncapi.json", "/api/docs/draugar.d.ts")
                .doesNotContain("<script", "<style", "style=");
    }

    // HTTP

    /** What the code says of an operation. */
    private record Operation(boolean needsToken, boolean takesBody, Set<String> pathParameters) {}

    @Test
    void everyOperationIsDescribedAndNoOther() {
        assertThat(described()).isEqualTo(served());
    }

    private static Map<String, Operation> served() {
        Map<String, Operation> served = new TreeMap<>();
        String root = HttpApi.class.getAnnotation(ApplicationPath.class).value();
        for (Class<?> type : CODE) {
            Path path = type.getAnnotation(Path.class);
            for (Method method : path == null ? new Method[0] : type.getDeclaredMethods()) {
                Path below = method.getAnnotation(Path.class);
                for (Annotation annotation : method.getAnnotations()) {
                    HttpMethod verb = annotation.annotationType().getAnnotation(HttpMethod.class);
                    if (verb != null) {
                        served.put(
                                verb.value() + " " + join(root, path.value(), below == null ? "" : below.value()),
                                operation(method));
                    }
                }
            }
            WebServlet servlet = type.getAnnotation(WebServlet.class);
            for (Method method : servlet == null ? new Method[0] : type.getDeclaredMethods()) {
                if (method.getName().matches("do(Get|Post|Put|Delete)")) {
                    String verb = method.getName().substring(2).toUpperCase(java.util.Locale.ROOT);
                    // The filter of the API lets nobody in without a token; trackers have credentials of their own.
                    Arrays.stream(servlet.urlPatterns())
                            // The same door for who writes a slash at the end.
                            .filter(pattern -> !pattern.endsWith("/"))
                            .forEach(pattern -> served.put(
                                    verb + " " + pattern,
                                    new Operation(pattern.startsWith("/api"), !verb.equals("GET"), Set.of())));
                }
            }
        }
        assertThat(served).hasSizeGreaterThan(10);
        return served;
    }

    private static String join(String... parts) {
        return Arrays.stream(parts)
                .flatMap(part -> Arrays.stream(part.split("/", -1)))
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("/", "/", ""));
    }

    private static Operation operation(Method method) {
        List<Class<?>> parameters = List.of(method.getParameterTypes());
        return new Operation(
                parameters.contains(SecurityContext.class),
                parameters.contains(InputStream.class),
                Arrays.stream(method.getParameters())
                        .filter(parameter -> parameter.isAnnotationPresent(PathParam.class))
                        .map(parameter ->
                                parameter.getAnnotation(PathParam.class).value())
                        .collect(Collectors.toSet()));
    }

    private static Map<String, Operation> described() {
        Map<String, Operation> described = new TreeMap<>();
        OPENAPI.object("/paths").forEach((path, verbs) -> verbs.asJsonObject().forEach((verb, value) -> {
            JsonObject operation = value.asJsonObject();
            assertThat(OPENAPI.document()).as("the default for operations").containsKey("security");
            described.put(
                    verb.toUpperCase(java.util.Locale.ROOT) + " " + path,
                    new Operation(
                            !operation.containsKey("security"),
                            operation.containsKey("requestBody"),
                            Contract.array(operation, "parameters").getValuesAs(JsonObject.class).stream()
                                    .filter(parameter ->
                                            parameter.getString("in").equals("path"))
                                    .map(parameter -> parameter.getString("name"))
                                    .collect(Collectors.toSet())));
        }));
        return described;
    }

    /** What a stranger sends is read where it must be, and nowhere else. */
    @Test
    void strangersMaySendABodyWhereNoTokenIsNeeded() {
        Set<String> open = described().entrySet().stream()
                .filter(entry -> entry.getKey().contains(" /api/")
                        && !entry.getValue().needsToken()
                        && entry.getValue().takesBody())
                .map(entry -> entry.getKey().replace("POST ", ""))
                .collect(Collectors.toSet());
        assertThat(BodyFilter.OPEN_TO_STRANGERS).isEqualTo(open);
    }

    @Test
    void bodiesHaveTheMembersOfTheirRecords() {
        List<Class<?>> records = new ArrayList<>(List.of(ProblemMapper.ErrorView.class));
        CODE.stream()
                .filter(type -> type.isAnnotationPresent(Path.class))
                .flatMap(type -> Arrays.stream(type.getDeclaredClasses()))
                .filter(Class::isRecord)
                .forEach(records::add);
        assertThat(records).hasSizeGreaterThan(10).allSatisfy(type -> {
            String name = type == ProblemMapper.ErrorView.class
                    ? "ApiError"
                    : type.getSimpleName().replaceFirst("View$", "");
            assertThat(OPENAPI.schemas()).containsKey(name);
            assertThat(OPENAPI.members(OPENAPI.schemas().getJsonObject(name)).keySet())
                    .isEqualTo(components(type));
        });
    }

    private static Set<String> components(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(ContractTest::wireName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String wireName(RecordComponent component) {
        JsonbProperty other = component.getAccessor().getAnnotation(JsonbProperty.class);
        return other == null ? component.getName() : other.value();
    }

    // What clients say

    /** The records of what a client may say, each with the names of its wire members, by the message's name. */
    private static Map<String, Set<String>> clientMessages() {
        Map<String, Set<String>> messages = new TreeMap<>();
        for (Class<?> type : ClientMessage.class.getPermittedSubclasses()) {
            Set<String> members = components(type);
            members.add("type");
            if (members.remove("report")) {
                for (Class<?> report : Report.class.getPermittedSubclasses()) {
                    Set<String> all = new TreeSet<>(members);
                    all.addAll(components(report));
                    all.remove("measuredAt");
                    all.add("timestamp");
                    messages.put(report == Encrypted.class ? "EncryptedUpdate" : type.getSimpleName(), all);
                }
            } else {
                messages.put(type.getSimpleName(), members);
            }
        }
        return messages;
    }

    @Test
    void clientMessagesHaveTheMembersOfTheirRecords() {
        Map<String, Set<String>> described = new TreeMap<>();
        messages("receive")
                .forEach((name, message) ->
                        described.put(name, ASYNCAPI.members(payload(message)).keySet()));
        assertThat(described).isEqualTo(clientMessages());
    }

    @TestFactory
    Stream<DynamicTest> theDecoderTakesWhatIsDescribed() {
        return clientExamples()
                .map(example -> dynamicTest(example.payload().toString(), () -> {
                    ClientMessage heard = decoder.decode(example.payload().toString());
                    assertThat(heard.getClass().getSimpleName())
                            .isEqualTo(example.message().replace("EncryptedUpdate", "LocationUpdate"));
                    if (heard instanceof ClientMessage.LocationUpdate update) {
                        assertThat(update.report() instanceof Encrypted)
                                .isEqualTo(example.message().equals("EncryptedUpdate"));
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> theDecoderKnowsEachMemberAndItsLimits() {
        return clientExamples().flatMap(example -> ASYNCAPI.members(example.schema()).entrySet().stream()
                .flatMap(entry -> {
                    String name = entry.getKey();
                    JsonObject schema = ASYNCAPI.resolve(entry.getValue().schema());
                    List<DynamicTest> tests = new ArrayList<>();
                    tests.add(refuses(example, name, JsonValue.EMPTY_JSON_OBJECT));
                    if (entry.getValue().required()) {
                        tests.add(refuses(example, name, null));
                    }
                    if (schema.containsKey("maxLength")) {
                        String most = "x".repeat(schema.getInt("maxLength"));
                        tests.add(takes(example, name, Json.createValue(most)));
                        tests.add(refuses(example, name, Json.createValue(most + "x")));
                    }
                    // The other limits of numbers are checked beyond the decoder, and by ContractIT.
                    if (name.equals("since")) {
                        long most = schema.getJsonNumber("maximum").longValueExact();
                        tests.add(takes(example, name, Json.createValue(0)));
                        tests.add(takes(example, name, Json.createValue(most)));
                        tests.add(refuses(example, name, Json.createValue(-1)));
                        tests.add(refuses(example, name, Json.createValue(most + 2)));
                    }
                    if (schema.getString("pattern", "").endsWith("{22,4000}$")) {
                        tests.add(takes(example, name, Json.createValue("x".repeat(22))));
                        tests.add(takes(example, name, Json.createValue("x".repeat(4000))));
                        tests.add(refuses(example, name, Json.createValue("x".repeat(21))));
                        tests.add(refuses(example, name, Json.createValue("x".repeat(4001))));
                        tests.add(refuses(example, name, Json.createValue("+".repeat(22))));
                    }
                    return tests.stream();
                }));
    }

    private DynamicTest takes(Example example, String name, JsonValue value) {
        return dynamicTest(example.message() + " takes " + name + " " + brief(value), () -> {
            assertThat(ASYNCAPI.errors(example.schema(), example.with(name, value)))
                    .isEmpty();
            decoder.decode(example.with(name, value).toString());
        });
    }

    private DynamicTest refuses(Example example, String name, JsonValue value) {
        return dynamicTest(example.message() + " refuses " + name + " " + brief(value), () -> {
            JsonObject changed = example.with(name, value);
            assertThat(ASYNCAPI.errors(example.schema(), changed)).isNotEmpty();
            String about = name.length() == 1 ? "encrypted payload: |" + name + ": " : name + ": ";
            try {
                decoder.decode(changed.toString());
            } catch (DecodeException e) {
                assertThat(e.getMessage()).matches("(" + about + ")expected .*");
                return;
            }
            throw new AssertionError("Taken: " + changed);
        });
    }

    private static String brief(JsonValue value) {
        String text = String.valueOf(value);
        return text.length() > 30 ? text.length() + " characters" : text;
    }

    private record Example(String message, JsonObject schema, JsonObject payload) {
        /** The example with another value for a member, or without it. */
        JsonObject with(String name, JsonValue value) {
            var changed = Json.createObjectBuilder(payload).remove(name);
            return (value == null ? changed : changed.add(name, value)).build();
        }
    }

    private static Stream<Example> clientExamples() {
        return messages("receive").entrySet().stream().flatMap(entry -> {
            JsonArray examples = Contract.array(entry.getValue(), "examples");
            assertThat(examples).as("examples of " + entry.getKey()).isNotEmpty();
            return examples.getValuesAs(JsonObject.class).stream()
                    .map(example ->
                            new Example(entry.getKey(), payload(entry.getValue()), example.getJsonObject("payload")));
        });
    }

    // What clients hear

    private static final List<ServerMessage> SAMPLES = List.of(
            new ServerMessage.LocationBroadcast(
                    "u1", "Anna", 64.1, -21.9, Instant.EPOCH, null, null, null, null, null, null, null, null),
            new ServerMessage.LocationBroadcast(
                    "u1",
                    "Anna",
                    -90,
                    180,
                    Instant.parse("2026-11-23T08:00:00.123456Z"),
                    12.5,
                    -3.0,
                    1.5,
                    360.0,
                    0.5,
                    true,
                    "walking",
                    "sos"),
            new ServerMessage.EncryptedBroadcast(
                    "u1", "Anna", new ServerMessage.EncryptedBroadcast.Payload(1, "n".repeat(32), "c-_9".repeat(10))),
            new ServerMessage.UserOnline("u1"),
            new ServerMessage.UserOffline("u1"),
            new ServerMessage.UserPaused("u1", null),
            new ServerMessage.UserPaused("u1", Instant.parse("2026-11-23T12:00:00Z")),
            new ServerMessage.UserResumed("u1"),
            new ServerMessage.AlarmRaised("u1", "Anna", "sos", Instant.EPOCH),
            new ServerMessage.UserStopped("u1", Instant.parse("2026-11-23T12:00:00Z")),
            new ServerMessage.PlaceUpdate("p1", "Home", 64.1, -21.9, 100, "home", "u1"),
            new ServerMessage.PlaceGone("p1"),
            new ServerMessage.UserPlace("u1", new CurrentPlace("p1", "Home", Instant.EPOCH)),
            new ServerMessage.UserPlace("u1", null),
            new ServerMessage.SosUpdate("s1", "u1", Instant.EPOCH, null, List.of(), null),
            new ServerMessage.SosUpdate("s1", "u1", Instant.EPOCH, "words", List.of("u2"), Instant.EPOCH),
            new ServerMessage.LocateRequest("u1", "Anna"),
            new ServerMessage.TrackerUpdate("d1", "fine", null),
            new ServerMessage.TrackerUpdate("d1", "trouble", "words"),
            new ServerMessage.Notified("n1", "sos", "Anna", "needs help", null, null, Instant.EPOCH),
            new ServerMessage.Notified("n1", "check-in", "Anna", "is late", "u1", "p1", Instant.EPOCH),
            new ServerMessage.Ack("a-1"),
            new ServerMessage.Pong(),
            new ServerMessage.ErrorMessage("gap", "words", null),
            new ServerMessage.ErrorMessage("bad-message", "words", "a-1"));

    @Test
    void serverMessagesHaveTheMembersOfTheirRecords() {
        Map<String, Set<String>> records = new TreeMap<>();
        for (Class<?> type : ServerMessage.class.getPermittedSubclasses()) {
            Set<String> members = components(type);
            members.add("type");
            records.put(type.getSimpleName(), members);
        }
        Map<String, Set<String>> described = new TreeMap<>();
        messages("send").forEach((name, message) -> {
            Set<String> members =
                    new TreeSet<>(ASYNCAPI.members(payload(message)).keySet());
            // The envelope's, see ServerMessageEncoder.NATIVE.
            members.remove("offset");
            described.put(name, members);
        });
        assertThat(described).isEqualTo(records);
    }

    @TestFactory
    Stream<DynamicTest> whatTheEncoderWritesIsDescribed() {
        assertThat(SAMPLES.stream().<Class<?>>map(Object::getClass).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(ServerMessage.class.getPermittedSubclasses());
        return SAMPLES.stream()
                .map(sample -> dynamicTest(sample.toString(), () -> {
                    JsonObject written = json(new ServerMessageEncoder().encode(sample));
                    JsonObject message = messages("send").get(sample.getClass().getSimpleName());
                    if (ASYNCAPI.members(payload(message)).containsKey("offset")) {
                        written = Json.createObjectBuilder(written)
                                .add("offset", 7354114513408000L)
                                .build();
                    }
                    assertThat(ASYNCAPI.errors(payload(message), written)).isEmpty();
                    assertThat(message.getString("name")).isEqualTo(sample.type());
                }));
    }

    @Test
    void theEventStreamTellsTheSameWithoutTheEnvelope() {
        Map<String, JsonObject> events = new TreeMap<>();
        operations("send", "/api/events").forEach(operation -> addMessages(operation, "messages", events));
        assertThat(events).hasSize(16).allSatisfy((name, event) -> {
            JsonObject message =
                    messages("send").get(name.replaceFirst("Event$", name.equals("ErrorEvent") ? "Message" : ""));
            assertThat(event.getString("name")).isEqualTo(message.getString("name"));
            Map<String, Contract.Member> members = new TreeMap<>(ASYNCAPI.members(payload(message)));
            members.keySet().removeAll(Set.of("type", "offset"));
            assertThat(ASYNCAPI.members(payload(event))).isEqualTo(members);
        });
    }

    @Test
    void everyEndOfAConnectionIsDescribed() {
        assertThat(ASYNCAPI.at("/channels/live/x-close-codes").asJsonArray().getValuesAs(JsonObject.class))
                .extracting(end -> end.getInt("code") + " " + end.getString("reason"))
                .containsExactlyElementsOf(Arrays.stream(CloseReason.values())
                        .map(reason -> reason.code() + " " + reason.text())
                        .toList());
    }

    @Test
    void theAddressesAreTheEndpoints() {
        ServerEndpoint endpoint = LiveEndpoint.class.getAnnotation(ServerEndpoint.class);
        assertThat(ASYNCAPI.object("/channels/live").getString("address")).isEqualTo(endpoint.value());
        assertThat(OPENAPI.object("/paths"))
                .containsKey(ASYNCAPI.object("/channels/events").getString("address"));
        assertThat(typescriptAliases().get("Subprotocols")).contains("'" + endpoint.subprotocols()[0] + "'");
    }

    /** The messages of the WebSocket that the server takes ("receive") or says ("send"), by name. */
    private static Map<String, JsonObject> messages(String action) {
        Map<String, JsonObject> messages = new TreeMap<>();
        operations(action, "/ws").forEach(operation -> addMessages(operation, "messages", messages));
        operations(action.equals("send") ? "receive" : "", "/ws")
                .filter(operation -> operation.containsKey("reply"))
                .forEach(operation -> addMessages(operation.getJsonObject("reply"), "messages", messages));
        return messages;
    }

    private static Stream<JsonObject> operations(String action, String address) {
        return ASYNCAPI.object("/operations").values().stream()
                .map(JsonValue::asJsonObject)
                .filter(operation -> operation.getString("action").equals(action))
                .filter(operation -> ASYNCAPI.resolve(operation.getJsonObject("channel"))
                        .getString("address")
                        .equals(address));
    }

    private static void addMessages(JsonObject holder, String list, Map<String, JsonObject> messages) {
        for (JsonObject reference : Contract.array(holder, list).getValuesAs(JsonObject.class)) {
            String pointer = reference.getString("$ref");
            messages.put(pointer.substring(pointer.lastIndexOf('/') + 1), ASYNCAPI.resolve(reference));
        }
    }

    private static JsonObject payload(JsonObject message) {
        return message.getJsonObject("payload");
    }

    private static JsonObject json(String text) {
        return Json.createReader(new StringReader(text)).readObject();
    }

    // TypeScript

    private static final Pattern INTERFACE =
            Pattern.compile("export interface (\\w+)(?: extends (\\w+))? \\{(.*?)\\n}", Pattern.DOTALL);
    private static final Pattern MEMBER = Pattern.compile("^  ('[\\w:]+'|\\w+)(\\??): (.+);$", Pattern.MULTILINE);
    private static final Pattern ALIAS = Pattern.compile("export type (\\w+) =\\s(.*?);", Pattern.DOTALL);

    private static String typescript() {
        return Contract.text("draugar.d.ts").replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("(?m)//.*$", "");
    }

    /** The interfaces with all their members, as {@code "name?": "type"}. */
    private static Map<String, Map<String, String>> typescriptInterfaces() {
        Map<String, Map<String, String>> interfaces = new TreeMap<>();
        INTERFACE.matcher(typescript()).results().forEach(found -> {
            Map<String, String> members =
                    new TreeMap<>(found.group(2) == null ? Map.of() : interfaces.get(found.group(2)));
            MEMBER.matcher(found.group(3)).results().forEach(member -> {
                members.remove(member.group(1) + "?");
                members.put(member.group(1) + member.group(2), member.group(3));
            });
            interfaces.put(found.group(1), members);
        });
        return interfaces;
    }

    private static Map<String, String> typescriptAliases() {
        Map<String, String> aliases = new TreeMap<>();
        ALIAS.matcher(typescript())
                .results()
                .forEach(found -> aliases.put(
                        found.group(1), found.group(2).replaceAll("\\s+", " ").replaceFirst("^ ?\\| ", "")));
        return aliases;
    }

    @Test
    void theDeclarationsAreTheSchemas() {
        Map<String, Map<String, String>> expected = new TreeMap<>();
        for (Contract contract : List.of(OPENAPI, ASYNCAPI)) {
            contract.schemas().forEach((name, value) -> {
                Map<String, String> members = new TreeMap<>();
                contract.members(value.asJsonObject())
                        .forEach((member, is) ->
                                members.put(member + (is.required() ? "" : "?"), type(contract, is.schema())));
                if (!members.isEmpty()) {
                    expected.put(name, members);
                }
            });
        }
        expected.put("Events", events("send", "/api/events"));
        Map<String, String> heard = events("send", "/socket.io/");
        heard.replaceAll((name, payload) ->
                "(" + payload + (name.equals("'location:broadcast'") ? ", string" : "") + ") => void");
        expected.put("ServerToClientEvents", heard);
        Map<String, String> emitted = events("receive", "/socket.io/");
        emitted.replaceAll(
                (name, payload) -> "(" + payload + (payload.isEmpty() ? "" : ", ") + "?(Answer) => void) => void");
        expected.put("ClientToServerEvents", emitted);
        Map<String, Map<String, String>> declared = typescriptInterfaces();
        // The names of parameters mean nothing.
        declared.values().forEach(members -> members.replaceAll((name, type) -> type.replaceAll("\\w+(\\??): ", "$1")));
        assertThat(declared).isEqualTo(expected);
    }

    /** The events of an address, as TypeScript says what their payloads may be. */
    private static Map<String, String> events(String action, String address) {
        Map<String, String> events = new TreeMap<>();
        operations(action, address).forEach(operation -> {
            Map<String, JsonObject> messages = new TreeMap<>();
            addMessages(operation, "messages", messages);
            messages.values().forEach(message -> {
                String name = message.getString("name");
                events.merge(
                        name.contains(":") ? "'" + name + "'" : name,
                        message.containsKey("payload") ? type(ASYNCAPI, payload(message)) : "",
                        (one, other) -> other + " | " + one);
            });
        });
        return events;
    }

    /** A schema as TypeScript says it. */
    private static String type(Contract contract, JsonObject schema) {
        if (schema.containsKey("$ref")) {
            String name = schema.getString("$ref").replaceFirst(".*/", "");
            JsonObject target = contract.resolve(schema);
            boolean scalar =
                    target.containsKey("type") && !target.getString("type").equals("object");
            return scalar ? type(contract, target) : name;
        }
        if (schema.containsKey("oneOf")) {
            return schema.getJsonArray("oneOf").stream()
                    .map(part -> type(contract, part.asJsonObject()))
                    .collect(Collectors.joining(" | "));
        }
        if (schema.get("type") instanceof JsonArray types) {
            return types.getValuesAs(JsonString.class).stream()
                    .map(JsonString::getString)
                    .collect(Collectors.joining(" | "));
        }
        if (schema.containsKey("const")) {
            return schema.get("const").toString().replace('"', '\'');
        }
        if (schema.containsKey("enum")) {
            return schema.getJsonArray("enum").stream()
                    .map(value -> value.toString().replace('"', '\''))
                    .collect(Collectors.joining(" | "));
        }
        return switch (schema.getString("type")) {
            case "integer" -> "number";
            case "array" -> type(contract, schema.getJsonObject("items")) + "[]";
            case "object" -> "{ [string]: " + type(contract, schema.getJsonObject("additionalProperties")) + " }";
            default -> schema.getString("type");
        };
    }

    @Test
    void theUnionsNameEveryMessage() {
        Map<String, String> aliases = typescriptAliases();
        assertThat(aliases.get("ClientMessage").split(" \\| "))
                .containsExactlyInAnyOrderElementsOf(messages("receive").keySet());
        assertThat(aliases.get("ServerMessage").split(" \\| "))
                .containsExactlyInAnyOrderElementsOf(messages("send").keySet());
        assertThat(aliases.get("Report").split(" \\| "))
                .containsExactlyElementsOf(OPENAPI.object("/components/schemas/Report").getJsonArray("oneOf").stream()
                        .map(part -> type(OPENAPI, part.asJsonObject()))
                        .toList());
        assertThat(aliases.get("CloseCode").split(" \\| "))
                .containsExactlyElementsOf(Arrays.stream(CloseReason.values())
                        .map(reason -> String.valueOf(reason.code()))
                        .collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    @Test
    void aSmallClientCompiles() throws Exception {
        Node node = Node.install("typescript", "client.ts");
        Files.writeString(node.folder().resolve("draugar.d.ts"), Contract.text("draugar.d.ts"));
        Node.Ran tsc = node.run(
                "node",
                "node_modules/typescript/lib/tsc.js",
                "--strict",
                "--noEmit",
                "--target",
                "es2022",
                "--lib",
                "es2022,dom",
                "--module",
                "esnext",
                "--moduleResolution",
                "bundler",
                "client.ts");
        assertThat(tsc.output()).isEmpty();
        assertThat(tsc.status()).isZero();
    }
}
