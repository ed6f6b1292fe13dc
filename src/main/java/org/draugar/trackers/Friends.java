package org.draugar.trackers;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.draugar.alerts.Locating;
import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.family.DeviceRevoked;
import org.draugar.family.Families;
import org.draugar.family.Member;
import org.draugar.family.MemberId;
import org.draugar.location.Encrypted;
import org.draugar.location.Fix;
import org.draugar.location.Report;
import org.draugar.location.StoredReport;
import org.draugar.location.Tracks;
import org.draugar.places.Place;

/**
 * The rest of the family in the words of OwnTracks. Numbers are whole ones: Android takes no others, and gives up on the
 * whole answer when there is one thing in it that it does not know.
 */
@Singleton
class Friends {
    private final Families families;
    private final Tracks tracks;
    private final Waypoints waypoints;
    private final Locating locating;
    /** Which places each tracker was sent last. */
    private final Map<DeviceId, Integer> sent = new ConcurrentHashMap<>();
    /** Which question each tracker was passed last. */
    private final Map<DeviceId, Instant> located = new ConcurrentHashMap<>();

    @Inject
    Friends(Families families, Tracks tracks, Waypoints waypoints, Locating locating) {
        this.locating = locating;
        this.families = families;
        this.tracks = tracks;
        this.waypoints = waypoints;
    }

    /**
     * A card and the last position of everybody but the caller, and of those who do not want to be shown in apps.
     *
     * @param encrypted whether the app can read what is encrypted
     */
    JsonArrayBuilder messages(Caller caller, boolean encrypted) {
        List<Member> members = families.members(caller.family());
        Map<MemberId, String> tids = tids(members);
        Map<MemberId, Report> latest = new HashMap<>();
        for (Tracks.Named named : tracks.latest(caller.family())) {
            StoredReport kept = named.kept();
            latest.put(kept.member(), kept.report());
        }
        JsonArrayBuilder messages = Json.createArrayBuilder();
        for (Member member : members) {
            if (member.shownInApps() && !member.id().equals(caller.member())) {
                String tid = tids.get(member.id());
                messages.add(Json.createObjectBuilder()
                        .add("_type", "card")
                        .add("tid", tid)
                        .add("name", member.name()));
                Report report = latest.get(member.id());
                if (report instanceof Fix fix) {
                    messages.add(location(tid, fix));
                } else if (encrypted && report instanceof Encrypted secret && secret.v() == Encrypted.OWNTRACKS) {
                    messages.add(message(secret));
                }
            }
        }
        return messages;
    }

    /**
     * The family's places, as a command that sets them in the app; empty when it was sent the same before.
     *
     * @param again whether to send them anyway: an answer may have been lost on its way
     */
    Optional<JsonObject> places(Caller caller, boolean again) {
        List<Place> places = waypoints.of(caller);
        Integer before = sent.put(caller.device(), places.hashCode());
        if (places.isEmpty() || (!again && before != null && before == places.hashCode())) {
            return Optional.empty();
        }
        JsonArrayBuilder all = Json.createArrayBuilder();
        for (Place place : places) {
            all.add(Json.createObjectBuilder()
                    .add("_type", "waypoint")
                    .add("desc", place.name())
                    .add("lat", place.latitude())
                    .add("lon", place.longitude())
                    .add("rad", Math.round(place.radius()))
                    .add("tst", place.madeAt()));
        }
        return Optional.of(Json.createObjectBuilder()
                .add("_type", "cmd")
                .add("action", "setWaypoints")
                .add(
                        "waypoints",
                        Json.createObjectBuilder().add("_type", "waypoints").add("waypoints", all))
                .build());
    }

    /** The command to say where one is, when somebody has asked; to each tracker once. */
    Optional<JsonObject> locate(Caller caller) {
        Optional<Instant> asked = locating.askedAt(caller.member());
        if (asked.isEmpty() || asked.get().equals(located.put(caller.device(), asked.get()))) {
            return Optional.empty();
        }
        return Optional.of(Json.createObjectBuilder()
                .add("_type", "cmd")
                .add("action", "reportLocation")
                .build());
    }

    void forget(@Observes DeviceRevoked revoked) {
        located.remove(revoked.device());
        sent.remove(revoked.device());
    }

    private static JsonObject location(String tid, Fix fix) {
        JsonObjectBuilder location = Json.createObjectBuilder()
                .add("_type", "location")
                .add("tid", tid)
                .add("lat", fix.latitude())
                .add("lon", fix.longitude())
                .add("tst", fix.measuredAt().getEpochSecond());
        add(location, "acc", fix.accuracy(), 1);
        add(location, "alt", fix.altitude(), 1);
        add(location, "vel", fix.speed(), 3.6);
        add(location, "cog", fix.bearing(), 1);
        add(location, "batt", fix.battery(), 100);
        return location.build();
    }

    private static void add(JsonObjectBuilder location, String name, Double value, double unit) {
        if (value != null) {
            location.add(name, Math.round(value * unit));
        }
    }

    /** As the app sent it: the nonce and the ciphertext in one. */
    private static JsonObject message(Encrypted secret) {
        byte[] nonce = Base64.getUrlDecoder().decode(secret.n());
        byte[] ciphertext = Base64.getUrlDecoder().decode(secret.c());
        byte[] data = ByteBuffer.allocate(nonce.length + ciphertext.length)
                .put(nonce)
                .put(ciphertext)
                .array();
        return Json.createObjectBuilder()
                .add("_type", "encrypted")
                .add("data", Base64.getEncoder().encodeToString(data))
                .build();
    }

    /**
     * How the members are told apart in the app, each by its own: two letters, which Android shows, and the end of the
     * id, or all of it where two in the family end alike.
     */
    static Map<MemberId, String> tids(List<Member> members) {
        Map<MemberId, String> tids = new HashMap<>();
        Set<String> taken = new HashSet<>();
        for (Member member : members) {
            String id = member.id().toString();
            String tail = id.substring(Math.max(0, id.length() - 4));
            String letters = letters(member.name());
            tids.put(member.id(), letters + "-" + (taken.add(tail) ? tail : id));
        }
        return tids;
    }

    static String letters(String name) {
        String letters = name.codePoints()
                .filter(Character::isLetterOrDigit)
                .limit(2)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString()
                .toUpperCase(Locale.ROOT);
        return letters.isEmpty() ? "?" : letters;
    }
}
