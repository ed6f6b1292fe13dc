package org.draugar.docs;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Serves the contract to whoever wants to talk to this server. */
@Path("docs")
public class DocsResource {

    /** A page with links to the documents. */
    @GET
    @Produces("text/html;charset=utf-8")
    public byte[] index() {
        return document("index.html");
    }

    /** HTTP, in OpenAPI 3.1. */
    @GET
    @Path("openapi.json")
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] openapi() {
        return document("openapi.json");
    }

    /** The live events, in AsyncAPI 3.0. */
    @GET
    @Path("asyncapi.json")
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] asyncapi() {
        return document("asyncapi.json");
    }

    /** All of it as types for TypeScript. Plain text: there is no registered type, and browsers show this one. */
    @GET
    @Path("draugar.d.ts")
    @Produces("text/plain;charset=utf-8")
    public byte[] typescript() {
        return document("draugar.d.ts");
    }

    private static byte[] document(String name) {
        try (InputStream document = DocsResource.class.getResourceAsStream(name)) {
            return document.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
