package org.draugar.fallback;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.inject.Inject;
import jakarta.websocket.DecodeException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.draugar.family.Caller;
import org.draugar.http.Body;
import org.draugar.http.Deadlines;
import org.draugar.http.JsonText;
import org.draugar.http.Problem;
import org.draugar.location.LocationSharing;
import org.draugar.location.Outcome;
import org.draugar.protocol.ClientMessage.LocationUpdate;
import org.draugar.protocol.ClientMessageDecoder;

/** Takes positions by POST. The answer comes when they are stored: it is an acknowledgement like any other. */
@Path("locations")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class LocationsResource {
    private static final int MAX_POSITIONS = 500;
    private static final int MAX_BYTES = 256 * 1024;

    private static final ClientMessageDecoder DECODER = new ClientMessageDecoder();

    @Inject
    private LocationSharing sharing;

    @Inject
    private Deadlines deadlines;

    /** Writes the answers: who stores, or looks after all peers, must not wait for one of them. */
    @Resource
    private ManagedExecutorService executor;

    /**
     * What became of one position.
     *
     * @param id the sender's id for it, or null
     * @param paused true when it is passed over, see {@link Outcome#PAUSED}, else null
     * @param message why it is not stored, or null
     */
    public record Receipt(String id, boolean stored, Boolean paused, String message) {
        static Receipt of(String id, Outcome outcome) {
            return outcome == Outcome.PAUSED
                    ? new Receipt(id, false, true, Outcome.PAUSED_WORDS)
                    : new Receipt(id, true, null, null);
        }

        static Receipt refused(String id, String message) {
            return new Receipt(id, false, null, message);
        }
    }

    /**
     * Takes one position, 201 {@code {"id","stored":true}}, or 200 {@code {"id","stored":false,"paused":true,"message"}}
     * while its sender is paused; or an array of up to 500, 200 {@code {"results":[…]}} with such an object for each, in
     * their order.
     */
    @POST
    public CompletionStage<Response> share(InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        String text = Body.text(body, MAX_BYTES).strip();
        if (text.startsWith("[")) {
            return many(caller, text);
        }
        if (text.length() > Body.MAX_BYTES) {
            throw new Problem(413, "A position is at most " + Body.MAX_BYTES + " bytes");
        }
        try {
            LocationUpdate update = DECODER.decodeUpdate(text);
            return deadlines
                    .guard(sharing.share(caller, update.id(), update.report()).toCompletableFuture())
                    .handleAsync(
                            (outcome, failure) -> {
                                if (failure != null) {
                                    throw Problem.in(failure).orElseGet(LocationsResource::notStored);
                                }
                                return Response.status(outcome == Outcome.STORED ? 201 : 200)
                                        .entity(Receipt.of(update.id(), outcome))
                                        .build();
                            },
                            executor);
        } catch (DecodeException e) {
            throw new Problem(400, e.getMessage());
        }
    }

    private CompletionStage<Response> many(Caller caller, String text) {
        List<String> elements;
        try {
            elements = JsonText.elements(text);
        } catch (IllegalArgumentException e) {
            throw new Problem(400, e.getMessage());
        }
        if (elements.size() > MAX_POSITIONS) {
            throw new Problem(413, "Send at most " + MAX_POSITIONS + " positions at once");
        }
        List<CompletableFuture<Receipt>> receipts = new ArrayList<>(elements.size());
        for (String element : elements) {
            receipts.add(one(caller, element));
        }
        return CompletableFuture.allOf(receipts.toArray(CompletableFuture[]::new))
                .handleAsync(
                        (done, failure) -> Response.ok(Map.of(
                                        "results",
                                        receipts.stream()
                                                .map(CompletableFuture::join)
                                                .toList()))
                                .build(),
                        executor);
    }

    private CompletableFuture<Receipt> one(Caller caller, String element) {
        if (element.length() > Body.MAX_BYTES) {
            return CompletableFuture.completedFuture(
                    Receipt.refused(null, "A position is at most " + Body.MAX_BYTES + " bytes"));
        }
        LocationUpdate update;
        try {
            update = DECODER.decodeUpdate(element);
        } catch (DecodeException e) {
            return CompletableFuture.completedFuture(Receipt.refused(null, e.getMessage()));
        }
        try {
            return deadlines
                    .guard(sharing.share(caller, update.id(), update.report()).toCompletableFuture())
                    .handle((outcome, failure) -> failure == null
                            ? Receipt.of(update.id(), outcome)
                            : Receipt.refused(
                                    update.id(),
                                    Problem.in(failure)
                                            .orElseGet(LocationsResource::notStored)
                                            .getMessage()));
        } catch (Problem problem) {
            return CompletableFuture.completedFuture(Receipt.refused(update.id(), problem.getMessage()));
        }
    }

    private static Problem notStored() {
        return new Problem(503, "It could not be stored; send it again later", Duration.ofSeconds(5));
    }
}
