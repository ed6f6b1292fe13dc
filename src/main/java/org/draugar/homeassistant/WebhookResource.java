package org.draugar.homeassistant;

import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.draugar.family.Caller;
import org.draugar.http.Body;

/** Where the caller's own positions are sent to. */
@Path("webhook")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class WebhookResource {
    @Inject
    private Webhooks webhooks;

    /** {@code {"url"}}. */
    public record WebhookRequest(String url) {}

    /**
     * {@code {"url","trouble","origins"}}.
     *
     * @param url or null, when there is none
     * @param trouble why it does not work, for people, or null
     * @param origins at which webhooks may lie; none where this server sends no positions anywhere
     */
    public record WebhookView(String url, String trouble, List<String> origins) {}

    /** The caller's webhook, and where it may lie. */
    @GET
    public WebhookView show(@Context SecurityContext security) {
        Optional<Webhooks.Webhook> webhook = webhooks.find(Caller.of(security).member());
        return new WebhookView(
                webhook.map(Webhooks.Webhook::url).orElse(null),
                webhook.map(Webhooks.Webhook::trouble).orElse(null),
                webhooks.origins().stream().sorted().toList());
    }

    /** Sends the caller's positions there from now on: 200, 400 where it may not lie, 403 where none may. */
    @PUT
    public WebhookView set(InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        webhooks.set(
                caller.family(),
                caller.member(),
                Body.read(body, WebhookRequest.class).url());
        return show(security);
    }

    /** Sends them no more. */
    @DELETE
    public void remove(@Context SecurityContext security) {
        Caller caller = Caller.of(security);
        webhooks.remove(caller.family(), caller.member());
    }
}
