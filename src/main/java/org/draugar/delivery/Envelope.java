package org.draugar.delivery;

import java.time.Instant;
import java.util.function.LongPredicate;
import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.family.MemberId;

/**
 * One event on its way to connections: its type and its payload, encoded once, and framed once for each wire format,
 * however many receivers there are. Thread-safe.
 */
public final class Envelope {
    /** Stands for a ping in an outbox: it waits its turn behind the frame in flight. */
    static final Envelope PING = reply("ping", "{}");

    private final String type;
    private final String payload;
    private final Key key;
    private final boolean kept;
    private final Audience audience;
    private final DeviceId origin;
    private final long rank;
    /** Null once it has its place: whom it told goes on without it, while a channel remembers it for long. */
    private LongPredicate whenPlaced;
    /** Written once by the channel, before any other thread can see the envelope. */
    private long offset;
    /** Written before any other thread can see the envelope. */
    private boolean unskippable;

    private volatile Framed framed;

    /**
     * What an envelope is the latest state of. Of two waiting for the same slow peer only the later one matters, and
     * the latest is what a new subscriber starts from.
     *
     * @param kind presence, pause or location
     * @param member whose state it is
     */
    public record Key(String kind, MemberId member) {}

    /** Offsets start with the clock's milliseconds, so that they grow across restarts too, and stay below 2^53. */
    private static final int OFFSETS_PER_MILLISECOND = 4096;

    /** The lowest offset of what happens at a moment. */
    public static long offsetAt(Instant moment) {
        return moment.toEpochMilli() * OFFSETS_PER_MILLISECOND;
    }

    private enum Audience {
        ALL,
        OTHERS,
        SUBSCRIBERS
    }

    private record Framed(Framing framing, String text, Framed next) {}

    private Envelope(
            String type,
            String payload,
            Key key,
            boolean kept,
            Audience audience,
            DeviceId origin,
            long rank,
            LongPredicate whenPlaced) {
        this.type = type;
        this.payload = payload;
        this.key = key;
        this.kept = kept;
        this.audience = audience;
        this.origin = origin;
        this.rank = rank;
        this.whenPlaced = whenPlaced;
    }

    /** An answer to one connection. */
    public static Envelope reply(String type, String payload) {
        return new Envelope(type, payload, null, false, Audience.ALL, null, 0, Envelope::anywhere);
    }

    /**
     * An event for every connection of a family.
     *
     * @param key what it is the state of
     * @param kept whether who connects later is told too, or the state ends with this event
     */
    public static Envelope toAll(String type, String payload, Key key, boolean kept) {
        return new Envelope(type, payload, key, kept, Audience.ALL, null, 0, Envelope::anywhere);
    }

    /** The same for every connection but those of the member whose state it is. */
    public static Envelope toOthers(String type, String payload, Key key, boolean kept) {
        return new Envelope(type, payload, key, kept, Audience.OTHERS, null, 0, Envelope::anywhere);
    }

    /**
     * An event for a family's subscribers.
     *
     * @param key what it is the state of
     * @param origin the device that it comes from, which is not told what it said itself
     * @param rank orders states of the same key where they may arrive late: epoch milliseconds
     * @param whenPlaced told the offset, in the order of the stream, while the stream waits; says whether to go on
     */
    public static Envelope toSubscribers(
            String type, String payload, Key key, DeviceId origin, long rank, LongPredicate whenPlaced) {
        return new Envelope(type, payload, key, true, Audience.SUBSCRIBERS, origin, rank, whenPlaced);
    }

    /** An event for a family's subscribers that had its place before. */
    public static Envelope stored(String type, String payload, Key key, DeviceId origin, long rank, long offset) {
        Envelope envelope = toSubscribers(type, payload, key, origin, rank, Envelope::anywhere);
        envelope.offset = offset;
        return envelope;
    }

    /** Marks it as an event that everybody must hear, also who falls behind, whatever came after it. */
    public Envelope unskippable() {
        unskippable = true;
        return this;
    }

    /** Whether a later state of its key makes up for it. */
    boolean mayBeSkipped() {
        return key != null && !unskippable;
    }

    /** Event type, such as {@code location:broadcast}. */
    public String type() {
        return type;
    }

    /** Payload: a JSON object. */
    public String payload() {
        return payload;
    }

    /** Its place in the family's stream; 0 for a reply, which has none. */
    public long offset() {
        return offset;
    }

    /** Gives it its place. @return false when it is to be dropped instead */
    boolean placeAt(long newOffset) {
        LongPredicate placed = whenPlaced;
        whenPlaced = null;
        offset = newOffset;
        return placed.test(newOffset);
    }

    /** Forgets its texts for the wire, because whom it is news to has got it; who comes back has it made again. */
    void rest() {
        framed = null;
    }

    Key key() {
        return key;
    }

    boolean isKept() {
        return kept;
    }

    /** Whether it is part of the stream that is kept: who comes back may name its offset. */
    public boolean forSubscribers() {
        return audience == Audience.SUBSCRIBERS;
    }

    /** Whether it is news to somebody: nobody hears what they said themselves. */
    boolean concerns(Caller caller) {
        return !caller.device().equals(origin)
                && (audience != Audience.OTHERS || !caller.member().equals(key.member()));
    }

    boolean replaces(Envelope earlier) {
        return earlier == null || rank >= earlier.rank;
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

    private static boolean anywhere(long offset) {
        return true;
    }
}
