package org.draugar.notifications;

import jakarta.inject.Inject;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.io.InputStream;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.draugar.family.Caller;
import org.draugar.family.Ids;
import org.draugar.http.Body;
import org.draugar.http.Problem;

/** What the caller was told, and where they are told with the page closed. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class NotificationsResource {
    @Inject
    private Notifications notifications;

    @Inject
    private Channels channels;

    @Inject
    private PushKey pushKey;

    /**
     * @param userId whom it is about, or null
     * @param placeId which place, or null
     */
    @JsonbPropertyOrder({"id", "kind", "title", "text", "userId", "placeId", "at"})
    public record NotificationView(
            String id, String kind, String title, String text, String userId, String placeId, Instant at) {
        static NotificationView of(Notification notification) {
            return new NotificationView(
                    Ids.text(notification.id()),
                    notification.kind().word(),
                    notification.title(),
                    notification.text(),
                    notification.about() == null ? null : notification.about().toString(),
                    notification.place() == null ? null : Ids.text(notification.place()),
                    notification.at());
        }
    }

    /** {@code {"notifications":[…]}}, the newest first. */
    public record NotificationsView(List<NotificationView> notifications) {}

    /**
     * A way to be told.
     *
     * @param kind {@code webpush}, {@code ntfy}, {@code webhook} or {@code email}
     * @param endpoint of a push subscription, as the browser or the UnifiedPush distributor gives it
     * @param keys of that subscription
     * @param url of an ntfy topic, or a webhook
     * @param token for ntfy, or null
     * @param address for e-mail
     */
    public record NotificationChannelRequest(
            String kind, String endpoint, SubscriptionKeys keys, String url, String token, String address) {}

    /** Of a push subscription, in base64url (W3C Push API, {@code PushSubscriptionJSON}). */
    public record SubscriptionKeys(String p256dh, String auth) {}

    /**
     * @param address the endpoint, the URL or the e-mail address
     * @param confirmed false for an e-mail address until its code has come back
     * @param trouble why it takes nothing now, for people, or null
     * @param sentAt when it last took something, or null
     */
    public record NotificationChannelView(
            String id,
            String kind,
            String address,
            boolean confirmed,
            String trouble,
            Instant createdAt,
            Instant sentAt) {
        static NotificationChannelView of(Channel channel) {
            return new NotificationChannelView(
                    Ids.text(channel.id()),
                    channel.kind().word(),
                    channel.address(),
                    channel.confirmed(),
                    channel.trouble(),
                    channel.createdAt(),
                    channel.sentAt());
        }
    }

    /** {@code {"channels":[…],"kinds":[…]}}. @param kinds that this server can send as */
    public record NotificationChannelsView(List<NotificationChannelView> channels, List<String> kinds) {}

    /** {@code {"code"}}. */
    public record ConfirmationRequest(String code) {}

    /** {@code {"publicKey"}}, in base64url. */
    public record PushKeyView(String publicKey) {}

    /**
     * What the caller was told, the newest first: the last 500 of the last 30 days.
     *
     * @param since only what was told after this moment
     */
    @GET
    @Path("notifications")
    public NotificationsView list(@QueryParam("since") String since, @Context SecurityContext security) {
        return new NotificationsView(notifications.of(Caller.of(security).member(), since(since)).stream()
                .map(NotificationView::of)
                .toList());
    }

    private static Instant since(String text) {
        if (text == null || text.isBlank()) {
            return Instant.EPOCH;
        }
        try {
            // A + in an address arrives as a blank unless it is written as %2B, which people forget.
            return OffsetDateTime.parse(text.strip().replace(' ', '+')).toInstant();
        } catch (DateTimeParseException e) {
            throw new Problem(400, "since: expected ISO 8601, such as 2026-11-23T08:00:00Z");
        }
    }

    /** Where the caller is told with the page closed. */
    @GET
    @Path("notification-channels")
    public NotificationChannelsView channels(@Context SecurityContext security) {
        return new NotificationChannelsView(
                channels.of(Caller.of(security).member()).stream()
                        .map(NotificationChannelView::of)
                        .toList(),
                channels.kinds().stream().map(Channel.Kind::word).toList());
    }

    /** Adds a channel, or renews the one with this address: 201, 400 where it cannot be one, 409 where there are too many. */
    @POST
    @Path("notification-channels")
    public Response add(InputStream body, @Context SecurityContext security) {
        Channel added = channels.add(Caller.of(security), Body.read(body, NotificationChannelRequest.class));
        return Response.status(201).entity(NotificationChannelView.of(added)).build();
    }

    /** Confirms an e-mail address by the code that was sent to it: 200, 400 where it is another one. */
    @POST
    @Path("notification-channels/{id}/confirm")
    public NotificationChannelView confirm(
            @PathParam("id") String id, InputStream body, @Context SecurityContext security) {
        return NotificationChannelView.of(channels.confirm(
                Caller.of(security).member(),
                id,
                Body.read(body, ConfirmationRequest.class).code()));
    }

    /** Sends a test through this channel alone: 202; what became of it is in the list. */
    @POST
    @Path("notification-channels/{id}/test")
    public Response test(@PathParam("id") String id, @Context SecurityContext security) {
        channels.test(Caller.of(security), id);
        return Response.accepted().build();
    }

    /** Removes a channel: 204. */
    @DELETE
    @Path("notification-channels/{id}")
    public void remove(@PathParam("id") String id, @Context SecurityContext security) {
        channels.remove(Caller.of(security).member(), id);
    }

    /** The key that a browser subscribes with ({@code applicationServerKey}). */
    @GET
    @Path("push-key")
    public PushKeyView pushKey(@Context SecurityContext security) {
        Caller.of(security);
        return new PushKeyView(pushKey.publicKey());
    }
}
