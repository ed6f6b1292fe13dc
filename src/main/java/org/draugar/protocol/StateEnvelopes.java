package org.draugar.protocol;

import java.time.Instant;
import java.util.Optional;
import org.draugar.alarms.Alarm;
import org.draugar.alerts.Call;
import org.draugar.family.CurrentPlace;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.family.Pause;
import org.draugar.places.Place;
import org.draugar.protocol.ServerMessage.AlarmRaised;
import org.draugar.protocol.ServerMessage.PlaceGone;
import org.draugar.protocol.ServerMessage.PlaceUpdate;
import org.draugar.protocol.ServerMessage.SosUpdate;
import org.draugar.protocol.ServerMessage.UserOffline;
import org.draugar.protocol.ServerMessage.UserOnline;
import org.draugar.protocol.ServerMessage.UserPaused;
import org.draugar.protocol.ServerMessage.UserPlace;
import org.draugar.protocol.ServerMessage.UserResumed;
import org.draugar.protocol.ServerMessage.UserStopped;
import org.draugar.stream.Envelope;

/** Writes how a member is, and that they raise an alarm, as the event that the family gets. */
final class StateEnvelopes {
    private StateEnvelopes() {}

    static Envelope presence(FamilyId family, MemberId member, boolean online) {
        String userId = member.toString();
        ServerMessage message = online ? new UserOnline(userId) : new UserOffline(userId);
        return Envelope.toOthers(
                family,
                message.type(),
                ServerMessageEncoder.payload(message),
                new Envelope.Key("presence", member),
                online);
    }

    /** Everybody must hear of it, whatever they wait for; it is no state that goes on. */
    static Envelope alarm(Alarm alarm) {
        ServerMessage message =
                new AlarmRaised(alarm.member().toString(), alarm.memberName(), alarm.about(), alarm.at());
        return Envelope.toAll(
                        alarm.family(),
                        message.type(),
                        ServerMessageEncoder.payload(message),
                        new Envelope.Key("alarm", alarm.member()),
                        false)
                .unskippable();
    }

    static Envelope stopped(FamilyId family, MemberId member, Instant at) {
        ServerMessage message = new UserStopped(member.toString(), at);
        return Envelope.toAll(
                family,
                message.type(),
                ServerMessageEncoder.payload(message),
                new Envelope.Key("stopped", member),
                true);
    }

    /** Everybody must hear of it; who connects while it goes on does too. */
    static Envelope call(Call call) {
        ServerMessage message = SosUpdate.of(call);
        return Envelope.toAll(
                        call.family(),
                        message.type(),
                        ServerMessageEncoder.payload(message),
                        new Envelope.Key("sos " + call.id(), call.member()),
                        call.endedAt().isEmpty())
                .unskippable();
    }

    static Envelope changed(Place place) {
        return place(place, PlaceUpdate.of(place));
    }

    static Envelope removed(Place place) {
        return place(place, new PlaceGone(place.id().toString()));
    }

    /** Who connects later asks for the places. */
    private static Envelope place(Place place, ServerMessage message) {
        return Envelope.toAll(
                place.family(),
                message.type(),
                ServerMessageEncoder.payload(message),
                new Envelope.Key("place " + place.id(), place.createdBy()),
                false);
    }

    /** Who connects later asks where everybody is. @param place empty for none */
    static Envelope whereabouts(FamilyId family, MemberId member, Optional<CurrentPlace> place) {
        ServerMessage message = new UserPlace(member.toString(), place.orElse(null));
        return Envelope.toAll(
                family,
                message.type(),
                ServerMessageEncoder.payload(message),
                new Envelope.Key("place", member),
                false);
    }

    /** @param pause empty when it is over */
    static Envelope pause(FamilyId family, MemberId member, Optional<Pause> pause) {
        String userId = member.toString();
        ServerMessage message = pause.<ServerMessage>map(lasting -> new UserPaused(userId, lasting.until()))
                .orElseGet(() -> new UserResumed(userId));
        Envelope event = Envelope.toAll(
                family,
                message.type(),
                ServerMessageEncoder.payload(message),
                new Envelope.Key("pause", member),
                pause.isPresent());
        // Once the family has heard of a pause, nothing that its member shares follows.
        return pause.isPresent() ? event.closing(pause.get().until()) : event.opening();
    }
}
