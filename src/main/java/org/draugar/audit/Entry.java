package org.draugar.audit;

import java.time.Instant;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.InviteId;
import org.draugar.family.MemberId;

/**
 * What happened. What does not belong to it is null.
 *
 * @param seq its place in the log, or 0 where it has none yet
 * @param family whose business it is; null for the whole server's
 * @param event in one word of the contract
 * @param member whom it is about
 * @param by who did it
 * @param times how often, where several count as one
 */
record Entry(
        long seq,
        Instant at,
        FamilyId family,
        String event,
        MemberId member,
        MemberId by,
        DeviceId device,
        InviteId invite,
        Long times) {

    static Entry of(FamilyId family, String event) {
        return new Entry(0, Instant.now(), family, event, null, null, null, null, null);
    }

    Entry about(MemberId whom) {
        return new Entry(seq, at, family, event, whom, by, device, invite, times);
    }

    Entry by(MemberId whom) {
        return new Entry(seq, at, family, event, member, whom, device, invite, times);
    }

    Entry with(DeviceId which) {
        return new Entry(seq, at, family, event, member, by, which, invite, times);
    }

    Entry with(InviteId which) {
        return new Entry(seq, at, family, event, member, by, device, which, times);
    }

    Entry times(long count) {
        return new Entry(seq, at, family, event, member, by, device, invite, count);
    }

    /** For the server's log: ids alone. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(event);
        add(text, "family", family);
        add(text, "user", member);
        add(text, "by", by);
        add(text, "device", device);
        add(text, "invite", invite);
        add(text, "times", times);
        return text.toString();
    }

    private static void add(StringBuilder text, String name, Object value) {
        if (value != null) {
            text.append(' ').append(name).append('=').append(value);
        }
    }
}
