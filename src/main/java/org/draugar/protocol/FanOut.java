package org.draugar.protocol;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.draugar.delivery.Envelope;
import org.draugar.delivery.Hub;
import org.draugar.family.PauseChanged;
import org.draugar.location.LocationShared;
import org.draugar.presence.PresenceChanged;
import org.draugar.protocol.ServerMessage.UserOffline;
import org.draugar.protocol.ServerMessage.UserOnline;
import org.draugar.protocol.ServerMessage.UserPaused;
import org.draugar.protocol.ServerMessage.UserResumed;
import org.draugar.trackers.TrackerChanged;

/** Turns facts into events for the family: each is encoded here, once, however many receive it. */
@Singleton
public class FanOut {
    private final Hub hub;

    @Inject
    FanOut(Hub hub) {
        this.hub = hub;
    }

    void tell(@Observes LocationShared shared) {
        hub.publish(shared.family(), LocationEnvelopes.of(shared));
    }

    /** A member's own business: nobody else hears of it. */
    void tell(@Observes TrackerChanged changed) {
        hub.tell(
                changed.family(),
                changed.member(),
                Conversation.reply(new ServerMessage.TrackerUpdate(
                        changed.device().toString(), changed.state(), changed.trouble())));
    }

    void tell(@Observes PresenceChanged changed) {
        String userId = changed.member().toString();
        ServerMessage message = changed.online() ? new UserOnline(userId) : new UserOffline(userId);
        Envelope.Key key = new Envelope.Key("presence", changed.member());
        hub.publish(
                changed.family(),
                Envelope.toOthers(message.type(), ServerMessageEncoder.payload(message), key, changed.online()));
    }

    void tell(@Observes PauseChanged changed) {
        String userId = changed.member().toString();
        ServerMessage message = changed.pause()
                .<ServerMessage>map(pause -> new UserPaused(userId, pause.until()))
                .orElseGet(() -> new UserResumed(userId));
        Envelope.Key key = new Envelope.Key("pause", changed.member());
        hub.publish(
                changed.family(),
                Envelope.toAll(
                        message.type(),
                        ServerMessageEncoder.payload(message),
                        key,
                        changed.pause().isPresent()));
    }
}
