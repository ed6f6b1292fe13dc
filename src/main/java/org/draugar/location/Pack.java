package org.draugar.location;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * Many reports in few bytes: what a row of a track holds. A position takes about 25 bytes this way, and a database does
 * its work once for a hundred of them.
 *
 * <p>The first byte is the version of the format. The rest is one report after the other, each with the bits of
 * {@link Has} that say which of its values follow, in the order of those bits: deflated (RFC 1950) in version 1, and as
 * it is in version 2, which earlier versions of Draugar have left in their journals.
 */
final class Pack {
    /** Most bytes before deflating. A database's own limit for one value is 1 MB. */
    private static final int MAX_BYTES = 256 * 1024;

    private static final int DEFLATED = 1;
    private static final int PLAIN = 2;

    /** Bits that say what is there. */
    private static final class Has {
        static final int ID = 1;
        static final int FIX = 1 << 1;
        static final int ACCURACY = 1 << 2;
        static final int ALTITUDE = 1 << 3;
        static final int SPEED = 1 << 4;
        static final int BEARING = 1 << 5;
        static final int BATTERY = 1 << 6;
        static final int CHARGING = 1 << 7;
        static final int CHARGING_YES = 1 << 8;
        static final int ACTIVITY = 1 << 9;
        static final int ALARM = 1 << 10;
        static final int NUMBERS = ACCURACY | ALTITUDE | SPEED | BEARING | BATTERY;
    }

    /** The values before those that the bits speak of: five of eight bytes, and the bits. */
    private static final int FIXED_BYTES = 5 * Long.BYTES + Short.BYTES;

    /** Most bytes of the values of a position that are not texts. */
    private static final int FIX_BYTES = FIXED_BYTES + 7 * Double.BYTES;

    private static final int FIRST_BYTES = 256;

    private ByteBuffer out = ByteBuffer.allocate(FIRST_BYTES);
    private int size;
    private long firstOffset = Long.MAX_VALUE;
    private long lastOffset = Long.MIN_VALUE;

    static Pack of(List<StoredReport> reports) {
        Pack pack = new Pack();
        reports.forEach(pack::add);
        return pack;
    }

    /** Adds a report. */
    void add(StoredReport kept) {
        write(kept);
        count(kept.offset());
    }

    /** Adds the report that a reader is at, as it is. */
    void add(Reader reader) {
        room(reader.end - reader.start);
        out.put(reader.in.array(), reader.start, reader.end - reader.start);
        count(reader.offset());
    }

    private void count(long offset) {
        size++;
        firstOffset = Math.min(firstOffset, offset);
        lastOffset = Math.max(lastOffset, offset);
    }

    int size() {
        return size;
    }

    /** The lowest place in a stream. */
    long firstOffset() {
        return firstOffset;
    }

    /** The highest place in a stream. */
    long lastOffset() {
        return lastOffset;
    }

    /** Whose reports these are, where they are of one family. */
    FamilyId family() {
        return new FamilyId(out.getLong(0));
    }

    /** Takes everything out; the room stays. */
    void clear() {
        out.clear();
        size = 0;
        firstOffset = Long.MAX_VALUE;
        lastOffset = Long.MIN_VALUE;
    }

    /** Whether the next one belongs into another pack. */
    boolean isFull() {
        return out.position() >= MAX_BYTES;
    }

    /** The bytes to keep. */
    byte[] deflated() {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(out.position() / 2 + 16);
        packed.write(DEFLATED);
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (DeflaterOutputStream deflating = new DeflaterOutputStream(packed, deflater)) {
            deflating.write(out.array(), 0, out.position());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end();
        }
        return packed.toByteArray();
    }

    /** Reads stored bytes. */
    static Reader read(byte[] packed) {
        ByteBuffer stored = ByteBuffer.wrap(packed);
        switch (stored.get()) {
            case PLAIN:
                return new Reader(stored);
            case DEFLATED:
                // All at once: a call into zlib for each value took half of the time that filing took.
                try (InputStream inflated =
                        new InflaterInputStream(new ByteArrayInputStream(packed, 1, packed.length - 1))) {
                    return new Reader(ByteBuffer.wrap(inflated.readAllBytes()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            default:
                throw new IllegalStateException("The store was written by a newer version of Draugar");
        }
    }

    /** The reports in stored bytes, in the order in which they were added. */
    static List<StoredReport> open(byte[] packed) {
        List<StoredReport> reports = new ArrayList<>();
        read(packed).forEach(report -> reports.add(report.kept()));
        return reports;
    }

    /** Goes from report to report. What is only moved from pack to pack need not be made objects of. */
    static final class Reader {
        private final ByteBuffer in;
        /** Where the report begins and where the next one does. */
        private int start;

        private int end;

        private Reader(ByteBuffer in) {
            this.in = in;
            end = in.position();
        }

        /** Goes to the next report; false after the last. */
        boolean next() {
            start = end;
            if (start == in.limit()) {
                return false;
            }
            int has = in.getShort(start + FIXED_BYTES - Short.BYTES);
            end = start + FIXED_BYTES;
            passTexts(has & Has.ID);
            if ((has & Has.FIX) == 0) {
                end++;
                passTexts(2);
            } else {
                end += Double.BYTES * (2 + Integer.bitCount(has & Has.NUMBERS));
                passTexts(Integer.bitCount(has & (Has.ACTIVITY | Has.ALARM)));
            }
            return true;
        }

        private void passTexts(int count) {
            for (int i = 0; i < count; i++) {
                end += Short.BYTES + Short.toUnsignedInt(in.getShort(end));
            }
        }

        long offset() {
            return in.getLong(start + 3 * Long.BYTES);
        }

        /** When the device measured it, in milliseconds since 1970. */
        long measuredAt() {
            return in.getLong(start + 4 * Long.BYTES);
        }

        /** The sender's own id for it. */
        Optional<String> id() {
            int has = in.getShort(start + FIXED_BYTES - Short.BYTES);
            return (has & Has.ID) == 0 ? Optional.empty() : Optional.of(text(in.position(start + FIXED_BYTES)));
        }

        /** The report, as an object. */
        StoredReport kept() {
            return Pack.kept(in.position(start));
        }

        /** Goes to each of those that are left. */
        void forEach(Consumer<Reader> listener) {
            while (next()) {
                listener.accept(this);
            }
        }
    }

    private void room(int bytes) {
        if (out.remaining() < bytes) {
            int wanted = Math.max(2 * out.capacity(), out.position() + bytes);
            out = ByteBuffer.allocate(wanted).put(out.flip());
        }
    }

    private void write(StoredReport kept) {
        room(FIX_BYTES);
        out.putLong(kept.family().value());
        out.putLong(kept.member().value());
        out.putLong(kept.device().value());
        out.putLong(kept.offset());
        out.putLong(kept.report().measuredAt().toEpochMilli());
        int id = kept.id() == null ? 0 : Has.ID;
        if (kept.report() instanceof Fix fix) {
            out.putShort((short) (id
                    | Has.FIX
                    | (fix.accuracy() == null ? 0 : Has.ACCURACY)
                    | (fix.altitude() == null ? 0 : Has.ALTITUDE)
                    | (fix.speed() == null ? 0 : Has.SPEED)
                    | (fix.bearing() == null ? 0 : Has.BEARING)
                    | (fix.battery() == null ? 0 : Has.BATTERY)
                    | (fix.charging() == null ? 0 : Has.CHARGING)
                    | (Boolean.TRUE.equals(fix.charging()) ? Has.CHARGING_YES : 0)
                    | (fix.activity() == null ? 0 : Has.ACTIVITY)
                    | (fix.alarm() == null ? 0 : Has.ALARM)));
            write(kept.id());
            room(FIX_BYTES);
            out.putDouble(fix.latitude());
            out.putDouble(fix.longitude());
            write(fix.accuracy());
            write(fix.altitude());
            write(fix.speed());
            write(fix.bearing());
            write(fix.battery());
            write(fix.activity());
            write(fix.alarm());
        } else if (kept.report() instanceof Encrypted encrypted) {
            out.putShort((short) id);
            write(kept.id());
            room(1);
            out.put((byte) encrypted.v());
            write(encrypted.n());
            write(encrypted.c());
        }
    }

    private void write(Double value) {
        if (value != null) {
            out.putDouble(value);
        }
    }

    /** As {@link java.io.DataOutput#writeUTF} does. */
    private void write(String text) {
        if (text == null) {
            return;
        }
        room(Short.BYTES + 3 * text.length());
        int start = out.position();
        out.position(start + Short.BYTES);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x01 && c <= 0x7f) {
                out.put((byte) c);
            } else if (c <= 0x7ff) {
                out.put((byte) (0xc0 | c >> 6)).put((byte) (0x80 | c & 0x3f));
            } else {
                out.put((byte) (0xe0 | c >> 12))
                        .put((byte) (0x80 | c >> 6 & 0x3f))
                        .put((byte) (0x80 | c & 0x3f));
            }
        }
        out.putShort(start, (short) (out.position() - start - Short.BYTES));
    }

    private static StoredReport kept(ByteBuffer in) {
        FamilyId family = new FamilyId(in.getLong());
        MemberId member = new MemberId(in.getLong());
        DeviceId device = new DeviceId(in.getLong());
        long offset = in.getLong();
        Instant measuredAt = Instant.ofEpochMilli(in.getLong());
        int has = in.getShort();
        String id = (has & Has.ID) == 0 ? null : text(in);
        Report report = (has & Has.FIX) == 0
                ? new Encrypted(Byte.toUnsignedInt(in.get()), text(in), text(in), measuredAt)
                : new Fix(
                        in.getDouble(),
                        in.getDouble(),
                        measuredAt,
                        number(in, has, Has.ACCURACY),
                        number(in, has, Has.ALTITUDE),
                        number(in, has, Has.SPEED),
                        number(in, has, Has.BEARING),
                        number(in, has, Has.BATTERY),
                        (has & Has.CHARGING) == 0 ? null : (has & Has.CHARGING_YES) != 0,
                        (has & Has.ACTIVITY) == 0 ? null : text(in),
                        (has & Has.ALARM) == 0 ? null : text(in));
        return new StoredReport(family, member, device, offset, id, report);
    }

    private static Double number(ByteBuffer in, int has, int bit) {
        return (has & bit) == 0 ? null : in.getDouble();
    }

    private static String text(ByteBuffer in) {
        int bytes = Short.BYTES + Short.toUnsignedInt(in.getShort(in.position()));
        try {
            String text = new DataInputStream(new ByteArrayInputStream(in.array(), in.position(), bytes)).readUTF();
            in.position(in.position() + bytes);
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
