package org.draugar.protocol;

import jakarta.json.bind.annotation.JsonbPropertyOrder;
import java.time.Instant;
import org.draugar.location.Encrypted;
import org.draugar.location.Fix;

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

    /** A member shares again. */
    record UserResumed(String userId) implements ServerMessage {
        @Override
        public String type() {
            return "user:resumed";
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
