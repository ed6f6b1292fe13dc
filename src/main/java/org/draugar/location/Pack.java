package org.draugar.location;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * Many reports in few bytes: what a row of the journal and a row of a track hold. A position takes about 25 bytes
 * this way, and a database does its work once for hundreds of them.
 *
 * <p>The first byte is the version of the format. The rest is one report after the other, each with the bits of
 * {@link Has} that say which of its values follow, in the order of those bits: deflated (RFC 1950) in version 1, which
 * is for what is kept, and as it is in version 2, for what lives half a minute.
 */
final class Pack {
    /** Most bytes before deflating. A database's own limit for one value is 1 MB. */
    private static final int MOST_BYTES = 256 * 1024;

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
    }

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private int size;

    /** Adds a report. */
    void add(Kept kept) {
        try {
            write(kept);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        size++;
    }

    int size() {
        return size;
    }

    /** Takes everything out; the room stays. */
    void clear() {
        bytes.reset();
        size = 0;
    }

    /** Whether the next one belongs into another pack. */
    boolean isFull() {
        return bytes.size() >= MOST_BYTES;
    }

    /** The bytes to keep. */
    byte[] deflated() {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(bytes.size() / 2 + 16);
        packed.write(DEFLATED);
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (DeflaterOutputStream deflating = new DeflaterOutputStream(packed, deflater)) {
            bytes.writeTo(deflating);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end();
        }
        return packed.toByteArray();
    }

    /** The bytes to store for a short while, which saves a fifth of what writing them takes. */
    byte[] plain() {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(1 + bytes.size());
        packed.write(PLAIN);
        packed.writeBytes(bytes.toByteArray());
        return packed.toByteArray();
    }

    /** The reports in stored bytes, in the order in which they were added. */
    static List<Kept> open(byte[] packed) {
        List<Kept> reports = new ArrayList<>();
        try {
            ByteArrayInputStream bytes = unpack(packed);
            DataInputStream in = new DataInputStream(bytes);
            while (bytes.available() > 0) {
                reports.add(read(in));
            }
            return reports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteArrayInputStream unpack(byte[] packed) throws IOException {
        ByteArrayInputStream bytes = new ByteArrayInputStream(packed);
        switch (bytes.read()) {
            case PLAIN:
                return bytes;
            case DEFLATED:
                // All at once: a call into zlib for each value took half of the time that filing took.
                try (InputStream inflated = new InflaterInputStream(bytes)) {
                    return new ByteArrayInputStream(inflated.readAllBytes());
                }
            default:
                throw new IllegalStateException("The store was written by a newer version of Draugar");
        }
    }

    private void write(Kept kept) throws IOException {
        out.writeLong(kept.family().value());
        out.writeLong(kept.member().value());
        out.writeLong(kept.device().value());
        out.writeLong(kept.offset());
        out.writeLong(kept.report().measuredAt().toEpochMilli());
        int id = kept.id() == null ? 0 : Has.ID;
        if (kept.report() instanceof Fix fix) {
            out.writeShort(id
                    | Has.FIX
                    | (fix.accuracy() == null ? 0 : Has.ACCURACY)
                    | (fix.altitude() == null ? 0 : Has.ALTITUDE)
                    | (fix.speed() == null ? 0 : Has.SPEED)
                    | (fix.bearing() == null ? 0 : Has.BEARING)
                    | (fix.battery() == null ? 0 : Has.BATTERY)
                    | (fix.charging() == null ? 0 : Has.CHARGING)
                    | (Boolean.TRUE.equals(fix.charging()) ? Has.CHARGING_YES : 0)
                    | (fix.activity() == null ? 0 : Has.ACTIVITY)
                    | (fix.alarm() == null ? 0 : Has.ALARM));
            write(kept.id());
            out.writeDouble(fix.latitude());
            out.writeDouble(fix.longitude());
            write(fix.accuracy());
            write(fix.altitude());
            write(fix.speed());
            write(fix.bearing());
            write(fix.battery());
            write(fix.activity());
            write(fix.alarm());
        } else if (kept.report() instanceof Encrypted encrypted) {
            out.writeShort(id);
            write(kept.id());
            out.writeByte(encrypted.v());
            out.writeUTF(encrypted.n());
            out.writeUTF(encrypted.c());
        }
    }

    private void write(Double value) throws IOException {
        if (value != null) {
            out.writeDouble(value);
        }
    }

    private void write(String text) throws IOException {
        if (text != null) {
            out.writeUTF(text);
        }
    }

    private static Kept read(DataInputStream in) throws IOException {
        FamilyId family = new FamilyId(in.readLong());
        MemberId member = new MemberId(in.readLong());
        DeviceId device = new DeviceId(in.readLong());
        long offset = in.readLong();
        Instant measuredAt = Instant.ofEpochMilli(in.readLong());
        int has = in.readUnsignedShort();
        String id = (has & Has.ID) == 0 ? null : in.readUTF();
        Report report = (has & Has.FIX) == 0
                ? new Encrypted(in.readUnsignedByte(), in.readUTF(), in.readUTF(), measuredAt)
                : new Fix(
                        in.readDouble(),
                        in.readDouble(),
                        measuredAt,
                        number(in, has, Has.ACCURACY),
                        number(in, has, Has.ALTITUDE),
                        number(in, has, Has.SPEED),
                        number(in, has, Has.BEARING),
                        number(in, has, Has.BATTERY),
                        (has & Has.CHARGING) == 0 ? null : (has & Has.CHARGING_YES) != 0,
                        (has & Has.ACTIVITY) == 0 ? null : in.readUTF(),
                        (has & Has.ALARM) == 0 ? null : in.readUTF());
        return new Kept(family, member, device, offset, id, report);
    }

    private static Double number(DataInputStream in, int has, int bit) throws IOException {
        return (has & bit) == 0 ? null : in.readDouble();
    }
}
