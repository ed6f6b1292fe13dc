package org.draugar.location;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A report as it is kept.
 *
 * @param offset its place in the family's stream
 * @param id the sender's own id for it, or null
 */
public record StoredReport(FamilyId family, MemberId member, DeviceId device, long offset, String id, Report report) {
    /** When it was measured, in milliseconds since 1970. */
    long measuredAt() {
        return report.measuredAt().toEpochMilli();
    }

    /** With the member and the time of measurement, what tells it from every other one, also when it comes again. */
    long key() {
        return id == null ? offset : hash(id);
    }

    /** What it takes in memory, in bytes, more or less. */
    int size() {
        return report instanceof Encrypted encrypted ? 200 + encrypted.c().length() : 200;
    }

    /** 64 bits of its SHA-256, never 0: that another one has the same is less likely than a broken disk. */
    static long hash(String id) {
        try {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(sum).getLong() | 1;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
