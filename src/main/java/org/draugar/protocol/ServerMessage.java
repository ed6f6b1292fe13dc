package org.draugar.protocol;

import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import java.time.Instant;
import java.util.List;
import org.draugar.alerts.Call;
import org.draugar.family.CurrentPlace;
import org.draugar.family.Ids;
import org.draugar.family.MemberId;
import org.draugar.location.Encrypted;
import org.draugar.location.Fix;
import org.draugar.notifications.Notification;
import org.draugar.places.Place;

/** What a client may hear. Components that are null are left out of the JSON. */
public sealed interface ServerMessage {

    /** Name of the event. */
    String type();

    /** A member's position. Members as in {@link Fix}; {@code timestamp} is its time of measurement. */
    @JsonbPropertyOrder({"userId", "name", "latitude", "longitude", "timestamp"})
    record LocationBroadcast(
            String userId,
            String name,
            double latitude,
            double longitude,
            Instant timestamp,
            Double accuracy,
            Double altitude,
            Double speed,
            Double bearing,
            Double battery,
            Boolean charging,
            String activity,
            String alarm)
            implements ServerMessage {

        static LocationBroadcast of(String userId, String name, Fix fix) {
            return new LocationBroadcast(
                    userId,
                    name,
                    fix.latitude(),
                    fix.longitude(),
                    fix.measuredAt(),
                    fix.accuracy(),
                    fix.altitude(),
                    fix.speed(),
                    fix.bearing(),
                    fix.battery(),
                    fix.charging(),
                    fix.activity(),
                    fix.alarm());
        }

        @Override
        public String type() {
            return "location:broadcast";
        }
    }

    /** A member's position that only the family's devices can read. */
    @JsonbPropertyOrder({"senderId", "senderName", "payload"})
    record EncryptedBroadcast(String senderId, String senderName, Payload payload) implements ServerMessage {

        /** As the sender's device made it. */
        public record Payload(int v, String n, String c) {}

        static EncryptedBroadcast of(String senderId, String senderName, Encrypted encrypted) {
            return new EncryptedBroadcast(
                    senderId, senderName, new Payload(encrypted.v(), encrypted.n(), encrypted.c()));
        }

        @Override
        public String type() {
            return "location:broadcast";
        }
    }

    /** A member's first device connected. */
    record UserOnline(String userId) implements ServerMessage {
        @Override
        public String type() {
            return "user:online";
        }
    }

    /** A member's last device has gone. */
    record UserOffline(String userId) implements ServerMessage {
        @Override
        public String type() {
            return "user:offline";
        }
    }

    /**
     * A member shares nothing: where they were last is from before.
     *
     * @param until when it ends by itself, or null
     */
    @JsonbPropertyOrder({"userId", "until"})
    record UserPaused(String userId, Instant until) implements ServerMessage {
        @Override
        public String type() {
            return "user:paused";
        }
    }

    /**
     * A device of a member shares no more: what was measured before is the past.
     *
     * @param at when it said so, by the server's clock
     */
    @JsonbPropertyOrder({"userId", "at"})
    record UserStopped(String userId, Instant at) implements ServerMessage {
        @Override
        public String type() {
            return "user:stopped";
        }
    }

    /** A member shares again. */
    record UserResumed(String userId) implements ServerMessage {
        @Override
        public String type() {
            return "user:resumed";
        }
    }

    /**
     * A member has raised an alarm, and nobody knows where they are.
     *
     * @param alarm what it is about, such as {@code sos}
     * @param at when the server heard of it
     */
    @JsonbPropertyOrder({"userId", "name", "alarm", "at"})
    record AlarmRaised(String userId, String name, String alarm, Instant at) implements ServerMessage {
        @Override
        public String type() {
            return "alarm";
        }
    }

    /** The family has a new place, or one is otherwise than before. Members as in {@link Place}. */
    @JsonbPropertyOrder({"id", "name", "latitude", "longitude", "radius", "icon", "createdBy"})
    record PlaceUpdate(
            String id, String name, double latitude, double longitude, double radius, String icon, String createdBy)
            implements ServerMessage {

        static PlaceUpdate of(Place place) {
            return new PlaceUpdate(
                    place.id().toString(),
                    place.name(),
                    place.latitude(),
                    place.longitude(),
                    place.radius(),
                    place.icon(),
                    place.createdBy().toString());
        }

        @Override
        public String type() {
            return "place:changed";
        }
    }

    /** The family has this place no more. */
    record PlaceGone(String id) implements ServerMessage {
        @Override
        public String type() {
            return "place:removed";
        }
    }

    /**
     * A member is at another place than before.
     *
     * @param place null, and written so, for none
     */
    @JsonbPropertyOrder({"userId", "place"})
    record UserPlace(String userId, @JsonbProperty(value = "place", nillable = true) CurrentPlace place)
            implements ServerMessage {
        @Override
        public String type() {
            return "user:place";
        }
    }

    /**
     * Somebody calls for help, somebody has seen it, or it is over.
     *
     * @param message what they say, null for nothing
     * @param acknowledgedBy who has seen it
     * @param endedAt null while it goes on
     */
    @JsonbPropertyOrder({"id", "userId", "at", "message", "acknowledgedBy", "endedAt"})
    record SosUpdate(
            String id,
            String userId,
            Instant at,
            @JsonbProperty(value = "message", nillable = true) String message,
            List<String> acknowledgedBy,
            @JsonbProperty(value = "endedAt", nillable = true) Instant endedAt)
            implements ServerMessage {

        static SosUpdate of(Call call) {
            return new SosUpdate(
                    Ids.text(call.id()),
                    call.member().toString(),
                    call.at(),
                    call.message(),
                    call.acknowledgedBy().stream().map(MemberId::toString).toList(),
                    call.endedAt().orElse(null));
        }

        @Override
        public String type() {
            return "sos";
        }
    }

    /** Somebody asks where one is. */
    record LocateRequest(String userId, String name) implements ServerMessage {
        @Override
        public String type() {
            return "locate:request";
        }
    }

    /**
     * A tracker of one's own does otherwise than before.
     *
     * @param id its device
     * @param state {@code waiting} for its first position, {@code fine}, {@code trouble} or {@code silent}
     * @param trouble what was wrong with its last message, for people, or null
     */
    record TrackerUpdate(String id, String state, String trouble) implements ServerMessage {
        @Override
        public String type() {
            return "tracker:update";
        }
    }

    /**
     * Somebody is told something: they alone.
     *
     * @param userId whom it is about, or null
     * @param placeId which place, or null
     * @param at when they were told
     */
    @JsonbPropertyOrder({"id", "kind", "title", "text", "userId", "placeId", "at"})
    record Notified(String id, String kind, String title, String text, String userId, String placeId, Instant at)
            implements ServerMessage {

        static Notified of(Notification notification) {
            return new Notified(
                    Ids.text(notification.id()),
                    notification.kind().word(),
                    notification.title(),
                    notification.text(),
                    notification.about() == null ? null : notification.about().toString(),
                    notification.place() == null ? null : Ids.text(notification.place()),
                    notification.at());
        }

        @Override
        public String type() {
            return "notification";
        }
    }

    /** The report with this id is safely stored. */
    record Ack(String id) implements ServerMessage {
        @Override
        public String type() {
            return "ack";
        }
    }

    /** The answer to a {@link ClientMessage.Ping}, in order with everything else. */
    record Pong() implements ServerMessage {
        @Override
        public String type() {
            return "pong";
        }
    }

    /**
     * Something went wrong.
     *
     * @param code for programs: {@code bad-message}, {@code gap}, {@code paused} or {@code unavailable}
     * @param message for people: what was wrong and what would be right
     * @param id the id of the report that it is about, or null
     */
    record ErrorMessage(String code, String message, String id) implements ServerMessage {
        @Override
        public String type() {
            return "error";
        }
    }
}
