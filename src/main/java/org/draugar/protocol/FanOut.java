package org.draugar.protocol;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.draugar.alarms.Alarm;
import org.draugar.alerts.CallChanged;
import org.draugar.alerts.LocateRequested;
import org.draugar.delivery.Hub;
import org.draugar.family.Caller;
import org.draugar.family.Here;
import org.draugar.family.PauseChanged;
import org.draugar.family.PauseFound;
import org.draugar.location.LocationStream;
import org.draugar.location.Report;
import org.draugar.notifications.Notification;
import org.draugar.places.PlaceChanged;
import org.draugar.places.PlaceRemoved;
import org.draugar.places.WhereaboutsChanged;
import org.draugar.presence.PresenceChanged;
import org.draugar.presence.SharingStopped;
import org.draugar.stream.FamilyStream;
import org.draugar.stream.FamilyStream.Appending;
import org.draugar.trackers.TrackerChanged;

/**
 * Turns what happens into events for the family: each is encoded here, once, however many receive it. What somebody does
 * has its place in the family's stream, which all nodes follow; what a node finds out by itself it shows to those who are
 * connected to it.
 */
@Singleton
public class FanOut implements LocationStream {
    private final FamilyStream stream;
    private final Hub hub;

    @Inject
    FanOut(FamilyStream stream, Hub hub) {
        this.stream = stream;
        this.hub = hub;
    }

    @Override
    public void append(Caller sender, String id, Report report, Appending outcome) {
        stream.append(LocationEnvelopes.of(sender, id, report), outcome);
    }

    void tell(@Observes @Here PauseChanged changed) {
        stream.append(StateEnvelopes.pause(changed.family(), changed.member(), changed.pause()), Appending.IGNORED);
    }

    void tell(@Observes Alarm alarm) {
        stream.append(StateEnvelopes.alarm(alarm), Appending.IGNORED);
    }

    void tell(@Observes SharingStopped stopped) {
        stream.append(StateEnvelopes.stopped(stopped.family(), stopped.member(), stopped.at()), Appending.IGNORED);
    }

    void tell(@Observes @Here CallChanged changed) {
        stream.append(StateEnvelopes.call(changed.call()), Appending.IGNORED);
    }

    /** Who is asked hears it, on whichever node they are. */
    void tell(@Observes LocateRequested asked) {
        hub.tell(
                asked.family(),
                asked.to(),
                Conversation.reply(new ServerMessage.LocateRequest(asked.from().toString(), asked.name())));
    }

    void tell(@Observes @Here PlaceChanged changed) {
        stream.append(StateEnvelopes.changed(changed.place()), Appending.IGNORED);
    }

    void tell(@Observes @Here PlaceRemoved removed) {
        stream.append(StateEnvelopes.removed(removed.place()), Appending.IGNORED);
    }

    void tell(@Observes @Here WhereaboutsChanged changed) {
        stream.append(
                StateEnvelopes.whereabouts(changed.family(), changed.member(), changed.place()), Appending.IGNORED);
    }

    void show(@Observes PauseFound found) {
        hub.show(StateEnvelopes.pause(found.family(), found.member(), found.pause()));
    }

    void show(@Observes PresenceChanged changed) {
        hub.show(StateEnvelopes.presence(changed.family(), changed.member(), changed.online()));
    }

    /** Who is told alone. */
    void tell(@Observes Notification notification) {
        hub.tell(notification.family(), notification.to(), Conversation.reply(ServerMessage.Notified.of(notification)));
    }

    /** A member's own business: nobody else hears of it. */
    void tell(@Observes TrackerChanged changed) {
        hub.tell(
                changed.family(),
                changed.member(),
                Conversation.reply(new ServerMessage.TrackerUpdate(
                        changed.device().toString(), changed.state(), changed.trouble())));
    }
}
