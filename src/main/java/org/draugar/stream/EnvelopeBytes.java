package org.draugar.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.stream.Envelope.Audience;
import org.draugar.stream.Envelope.Gate;
import org.draugar.stream.Envelope.Key;

/**
 * How an envelope travels between nodes: all but its family, which is known from where it comes, and its offset, which
 * the engine puts in front.
 */
final class EnvelopeBytes {
    /** While nodes are updated one after the other, each meets the other's: a new format needs a new number. */
    private static final byte VERSION = 1;

    private static final int KEY = 1;
    private static final int ORIGIN = 2;
    private static final int ID = 4;
    private static final int UNTIL = 8;
    private static final int GOES_ON = 16;
    private static final int UNSKIPPABLE = 32;

    private static final Audience[] AUDIENCES = Audience.values();
    private static final Gate[] GATES = Gate.values();

    private EnvelopeBytes() {}

    /** @param front how many bytes to leave free in front */
    static byte[] write(Envelope envelope, int front) {
        byte[] type = bytes(envelope.type());
        byte[] payload = bytes(envelope.payload());
        Key key = envelope.key();
        byte[] kind = key == null ? null : bytes(key.kind());
        byte[] id = envelope.id() == null ? null : bytes(envelope.id());
        DeviceId origin = envelope.origin();
        Instant until = envelope.closesUntil();
        int flags = (key == null ? 0 : KEY)
                | (origin == null ? 0 : ORIGIN)
                | (id == null ? 0 : ID)
                | (until == null ? 0 : UNTIL)
                | (envelope.goesOn() ? GOES_ON : 0)
                | (envelope.isUnskippable() ? UNSKIPPABLE : 0);
        int size = 4
                + Long.BYTES
                + size(type)
                + (key == null ? 0 : Long.BYTES + size(kind))
                + (origin == null ? 0 : Long.BYTES)
                + (id == null ? 0 : size(id))
                + (until == null ? 0 : Long.BYTES)
                + payload.length;
        ByteBuffer out = ByteBuffer.allocate(front + size).position(front);
        out.put(VERSION).put((byte) flags);
        out.put((byte) envelope.audience().ordinal()).put((byte) envelope.gate().ordinal());
        out.putLong(envelope.rank());
        put(out, type);
        if (key != null) {
            out.putLong(key.member().value());
            put(out, kind);
        }
        if (origin != null) {
            out.putLong(origin.value());
        }
        if (id != null) {
            put(out, id);
        }
        if (until != null) {
            out.putLong(until.toEpochMilli());
        }
        return out.put(payload).array();
    }

    /**
     * Reads the rest of a buffer.
     *
     * @throws RuntimeException when it is none that this version knows
     */
    static Envelope read(FamilyId family, ByteBuffer in) {
        byte version = in.get();
        if (version != VERSION) {
            throw new IllegalArgumentException("an event of another version: " + version);
        }
        int flags = in.get();
        Audience audience = AUDIENCES[in.get()];
        Gate gate = GATES[in.get()];
        long rank = in.getLong();
        String type = text(in, in.getShort() & 0xffff);
        Key key = null;
        if ((flags & KEY) != 0) {
            MemberId member = new MemberId(in.getLong());
            key = new Key(text(in, in.getShort() & 0xffff), member);
        }
        DeviceId origin = (flags & ORIGIN) == 0 ? null : new DeviceId(in.getLong());
        String id = (flags & ID) == 0 ? null : text(in, in.getShort() & 0xffff);
        Instant until = (flags & UNTIL) == 0 ? null : Instant.ofEpochMilli(in.getLong());
        String payload = text(in, in.remaining());
        return new Envelope(
                family,
                type,
                payload,
                key,
                audience,
                origin,
                rank,
                id,
                (flags & GOES_ON) != 0,
                gate,
                until,
                (flags & UNSKIPPABLE) != 0);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int size(byte[] text) {
        return Short.BYTES + text.length;
    }

    private static void put(ByteBuffer out, byte[] text) {
        if (text.length > 0xffff) {
            throw new IllegalArgumentException("longer than 65535 bytes");
        }
        out.putShort((short) text.length).put(text);
    }

    private static String text(ByteBuffer in, int length) {
        String text = new String(in.array(), in.arrayOffset() + in.position(), length, StandardCharsets.UTF_8);
        in.position(in.position() + length);
        return text;
    }
}
