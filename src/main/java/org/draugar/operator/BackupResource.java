package org.draugar.operator;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.nio.file.Files;
import org.draugar.http.Problem;
import org.draugar.store.Store;

/** Hands out the whole store while the server runs. */
@Path("backup")
public class BackupResource {
    @Inject
    private OperatorKey key;

    @Inject
    private Store store;

    @Inject
    private Event<BackupTaken> facts;

    /**
     * A consistent copy of the embedded store as a ZIP: unpacked into an empty data folder, it is the store again. 401
     * without the operator's key, 409 where positions are kept in PostgreSQL, which has better tools for this.
     */
    @GET
    @Produces("application/zip")
    public Response backup(@HeaderParam("Authorization") String authorization) {
        if (!store.isEmbedded()) {
            throw new Problem(409, "Everything is kept in PostgreSQL: back it up with pg_dump");
        }
        key.require(authorization);
        facts.fire(new BackupTaken());
        StreamingOutput body = out -> {
            // Not before: an answer that is never written, as to HEAD, would leave it behind.
            java.nio.file.Path copy = store.backup();
            try {
                Files.copy(copy, out);
            } finally {
                Files.delete(copy);
            }
        };
        return Response.ok(body)
                .header("Content-Disposition", "attachment; filename=\"draugar-backup.zip\"")
                .build();
    }
}
