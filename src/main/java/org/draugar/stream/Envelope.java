package org.draugar.stream;

import java.time.Instant;
import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * One event on its way to connections: its type and its payload, encoded once, and framed once for each wire format,
 * however many receivers there are. Thread-safe.
 */
public final class Envelope {
    private final FamilyId family;
    private final String type;
    private final String payload;
    private final Key key;
    private final Audience audience;
    private final DeviceId origin;
    private final long rank;
    private final String id;
    private final boolean goesOn;
    private final Gate gate;
    private final Instant until;
    private final boolean unskippable;
    /** Written once by the stream, before any other thread can see the envelope. */
    private long offset;

    private final long madeAt = System.nanoTime();

    private volatile Framed framed;

    /**
     * What an envelope is the latest state of. Of two waiting for the same slow peer only the later one matters, and
     * the latest is what a new subscriber starts from.
     *
     * @param kind presence, pause, stopped or location
     * @param member whose state it is
     */
    public record Key(String kind, MemberId member) {}

    enum Audience {
        ALL,
        OTHERS,
        SUBSCRIBERS
    }

    /** What an event does to its member's way into the stream. */
    enum Gate {
        NOTHING,
        CLOSES,
        OPENS
    }

    private record Framed(Framing framing, String text, Framed next) {}

    Envelope(
            FamilyId family,
            String type,
            String payload,
            Key key,
            Audience audience,
            DeviceId origin,
            long rank,
            String id,
            boolean goesOn,
            Gate gate,
            Instant until,
            boolean unskippable) {
        this.family = family;
        this.type = type;
        this.payload = payload;
        this.key = key;
        this.audience = audience;
        this.origin = origin;
        this.rank = rank;
        this.id = id;
        this.goesOn = goesOn;
        this.gate = gate;
        this.until = until;
        this.unskippable = unskippable;
    }

    private static Envelope state(
            FamilyId family, String type, String payload, Key key, Audience audience, boolean goesOn) {
        return new Envelope(family, type, payload, key, audience, null, 0, null, goesOn, Gate.NOTHING, null, false);
    }

    /** An answer to one connection. */
    public static Envelope reply(String type, String payload) {
        return state(null, type, payload, null, Audience.ALL, false);
    }

    /**
     * A state for every connection of a family.
     *
     * @param goesOn whether those who connect later are told too; where not, the state ends with this event
     */
    public static Envelope toAll(FamilyId family, String type, String payload, Key key, boolean goesOn) {
        return state(family, type, payload, key, Audience.ALL, goesOn);
    }

    /** The same for every connection but those of the member whose state it is. */
    public static Envelope toOthers(FamilyId family, String type, String payload, Key key, boolean goesOn) {
        return state(family, type, payload, key, Audience.OTHERS, goesOn);
    }

    /**
     * An event that a member shares with the family's subscribers.
     *
     * @param key what it is the state of
     * @param origin the device that it comes from, which is not told what it said itself
     * @param rank orders states of the same key where they may arrive late: epoch milliseconds
     * @param id the sender's own id for it, or null
     */
    public static Envelope shared(
            FamilyId family, String type, String payload, Key key, DeviceId origin, long rank, String id) {
        return new Envelope(
                family, type, payload, key, Audience.SUBSCRIBERS, origin, rank, id, true, Gate.NOTHING, null, false);
    }

    /** The same event, which everybody must hear, also those who fall behind, whatever came after it. */
    public Envelope unskippable() {
        return new Envelope(family, type, payload, key, audience, origin, rank, id, goesOn, gate, until, true);
    }

    /**
     * The same event, from which on the stream takes nothing that its member shares.
     *
     * @param end when the stream opens again by itself, or null for when an event opens it
     */
    public Envelope closing(Instant end) {
        return new Envelope(
                family, type, payload, key, audience, origin, rank, id, goesOn, Gate.CLOSES, end, unskippable);
    }

    /** The same event, from which on the stream takes again what its member shares. */
    public Envelope opening() {
        return new Envelope(
                family, type, payload, key, audience, origin, rank, id, goesOn, Gate.OPENS, null, unskippable);
    }

    /** Gives it its place. To be called before any other thread can see it. */
    public Envelope placeAt(long newOffset) {
        offset = newOffset;
        return this;
    }

    /** Whose event it is; null for a reply. */
    public FamilyId family() {
        return family;
    }

    /** Event type, such as {@code location:broadcast}. */
    public String type() {
        return type;
    }

    /** Payload: a JSON object. */
    public String payload() {
        return payload;
    }

    /** The sender's own id for it, or null. */
    public String id() {
        return id;
    }

    /** Its place in the family's stream; 0 for a reply, which has none. */
    public long offset() {
        return offset;
    }

    /** When this node made it of what came in, in {@link System#nanoTime()}. */
    public long madeAt() {
        return madeAt;
    }

    /** What it is the state of, or null. */
    public Key key() {
        return key;
    }

    DeviceId origin() {
        return origin;
    }

    long rank() {
        return rank;
    }

    Audience audience() {
        return audience;
    }

    Gate gate() {
        return gate;
    }

    boolean isUnskippable() {
        return unskippable;
    }

    /** Whether those who connect later are told too. */
    public boolean goesOn() {
        return goesOn;
    }

    /** Whether from here on the stream takes nothing that its member shares. */
    public boolean closes() {
        return gate == Gate.CLOSES;
    }

    /** Whether from here on the stream takes again what its member shares. */
    public boolean opens() {
        return gate == Gate.OPENS;
    }

    /** When a stream that it closes opens again by itself, or null. */
    public Instant closesUntil() {
        return until;
    }

    /** Whether its member shares it with subscribers: then it is stored, and a peer that comes back may name its offset. */
    public boolean isShared() {
        return audience == Audience.SUBSCRIBERS;
    }

    /** Whether a later state of its key makes up for it. */
    public boolean mayBeSkipped() {
        return key != null && !unskippable;
    }

    /** Whether it is news to a connection of this caller: nobody hears what they said themselves. */
    public boolean concerns(Caller caller) {
        return !caller.device().equals(origin)
                && (audience != Audience.OTHERS || !caller.member().equals(key.member()));
    }

    /** Whether it is the later state of its key. */
    public boolean replaces(Envelope earlier) {
        return earlier == null || rank >= earlier.rank;
    }

    /** Forgets its texts for the wire, because those to whom it is news have them; for others it is framed again. */
    public void rest() {
        framed = null;
    }

    /** The text of this event in a wire format, made when the first receiver needs it. */
    public String framed(Framing framing) {
        for (Framed known = framed; known != null; known = known.next) {
            if (known.framing == framing) {
                return known.text;
            }
        }
        String text = framing.frame(this);
        // Two threads may both come here: then it is framed twice, which is harmless.
        framed = new Framed(framing, text, framed);
        return text;
    }
}
