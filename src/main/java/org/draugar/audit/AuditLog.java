package org.draugar.audit;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.draugar.family.DeviceAdded;
import org.draugar.family.DeviceCodeMade;
import org.draugar.family.DeviceId;
import org.draugar.family.DeviceRevoked;
import org.draugar.family.FamilyId;
import org.draugar.family.Here;
import org.draugar.family.InviteId;
import org.draugar.family.InviteMade;
import org.draugar.family.InviteWithdrawn;
import org.draugar.family.MemberChanged;
import org.draugar.family.MemberId;
import org.draugar.family.MemberJoined;
import org.draugar.family.MemberRemoved;
import org.draugar.family.Role;
import org.draugar.history.ExportTaken;
import org.draugar.identity.EverybodySignedOut;
import org.draugar.identity.SecretRefused;
import org.draugar.operator.BackupTaken;
import org.draugar.store.Store;

/**
 * Writes down what matters, in the store and in the server's log. The last thousand entries of each family are kept, for
 * half a year. Refused secrets are counted, and a count is one entry: whoever guesses must not fill the store.
 * Thread-safe.
 */
@Singleton
public class AuditLog {
    private static final Logger LOG = System.getLogger(AuditLog.class.getName());

    private static final int MAX_OF_A_FAMILY = 1_000;
    private static final Duration KEPT = Duration.ofDays(180);
    private static final long LOOK_NANOS = Duration.ofMinutes(5).toNanos();

    private final Store store;
    private final AtomicLong refused = new AtomicLong();
    private long looked = System.nanoTime();

    @Inject
    AuditLog(Store store) {
        this.store = store;
    }

    void joined(@Observes @Here MemberJoined joined) {
        Entry entry = Entry.of(joined.family(), "member-joined")
                .about(joined.member())
                .with(joined.device());
        write(joined.invite() == null ? entry : entry.with(joined.invite()));
    }

    void removed(@Observes @Here MemberRemoved removed) {
        boolean left = removed.by().equals(removed.member());
        write(Entry.of(removed.family(), left ? "member-left" : "member-removed")
                .about(removed.member())
                .by(removed.by()));
    }

    void changed(@Observes @Here MemberChanged changed) {
        if (changed.before().role() != changed.after().role()) {
            write(Entry.of(changed.family(), changed.after().role() == Role.ADMIN ? "admin-made" : "admin-unmade")
                    .about(changed.after().id())
                    .by(changed.by()));
        }
    }

    void added(@Observes @Here DeviceAdded added) {
        write(Entry.of(added.family(), "device-added").about(added.member()).with(added.device()));
    }

    void revoked(@Observes @Here DeviceRevoked revoked) {
        write(Entry.of(revoked.family(), "device-removed")
                .about(revoked.member())
                .by(revoked.by())
                .with(revoked.device()));
    }

    void made(@Observes @Here DeviceCodeMade made) {
        write(Entry.of(made.family(), "device-code-made").about(made.member()).by(made.by()));
    }

    void made(@Observes @Here InviteMade made) {
        write(Entry.of(made.family(), "invite-made").by(made.by()).with(made.invite()));
    }

    void withdrawn(@Observes @Here InviteWithdrawn withdrawn) {
        write(Entry.of(withdrawn.family(), "invite-withdrawn")
                .by(withdrawn.by())
                .with(withdrawn.invite()));
    }

    void taken(@Observes @Here ExportTaken taken) {
        write(Entry.of(taken.family(), "export-taken").by(taken.member()));
    }

    void taken(@Observes BackupTaken taken) {
        write(Entry.of(null, "backup-taken"));
    }

    void signedOut(@Observes EverybodySignedOut signedOut) {
        write(Entry.of(null, "everybody-signed-out"));
    }

    void refused(@Observes SecretRefused secret) {
        refused.incrementAndGet();
    }

    /** To be run every few seconds, by one thread. */
    public void look() {
        if (System.nanoTime() - looked > LOOK_NANOS) {
            looked = System.nanoTime();
            writeRefused();
            store.jdbi().useHandle(handle -> handle.createUpdate("delete from audit_log where at < :old")
                    .bind("old", Instant.now().minus(KEPT).atOffset(ZoneOffset.UTC))
                    .execute());
        }
    }

    /** Writes what was only counted so far. */
    public void writeRefused() {
        long times = refused.getAndSet(0);
        if (times > 0) {
            write(Entry.of(null, "secrets-refused").times(times));
        }
    }

    /**
     * The newest entries first.
     *
     * @param family whose, or null for those of all and the server's
     * @param before the place that they are before
     */
    List<Entry> list(FamilyId family, long before, int most) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select seq, at, family_id, event, member_id,"
                        + " by_member, device_id, invite_id, times from audit_log where seq < :before"
                        + (family == null ? "" : " and family_id = :family")
                        + " order by seq desc fetch first :most rows only")
                .bind("before", before)
                .bindMap(family == null ? java.util.Map.of() : java.util.Map.of("family", family.value()))
                .bind("most", most)
                .map((row, context) -> entry(row))
                .list());
    }

    private static Entry entry(ResultSet row) throws SQLException {
        return new Entry(
                row.getLong("seq"),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getLong("family_id") == 0 ? null : new FamilyId(row.getLong("family_id")),
                row.getString("event"),
                id(row, "member_id", MemberId::new),
                id(row, "by_member", MemberId::new),
                id(row, "device_id", DeviceId::new),
                id(row, "invite_id", InviteId::new),
                row.getObject("times", Long.class));
    }

    private static <T> T id(ResultSet row, String column, LongFunction<T> of) throws SQLException {
        Long value = row.getObject(column, Long.class);
        return value == null ? null : of.apply(value);
    }

    /** What happened has happened: that it could not be written down ends nobody's request. */
    private void write(Entry entry) {
        LOG.log(Level.INFO, "{0}", entry);
        try {
            store.jdbi().useTransaction(handle -> {
                long family =
                        Optional.ofNullable(entry.family()).map(FamilyId::value).orElse(0L);
                handle.createUpdate("insert into audit_log"
                                + " (at, family_id, event, member_id, by_member, device_id, invite_id, times)"
                                + " values (:at, :family, :event, :member, :by, :device, :invite, :times)")
                        .bind("at", entry.at().atOffset(ZoneOffset.UTC))
                        .bind("family", family)
                        .bind("event", entry.event())
                        .bind(
                                "member",
                                entry.member() == null ? null : entry.member().value())
                        .bind("by", entry.by() == null ? null : entry.by().value())
                        .bind(
                                "device",
                                entry.device() == null ? null : entry.device().value())
                        .bind(
                                "invite",
                                entry.invite() == null ? null : entry.invite().value())
                        .bind("times", entry.times())
                        .execute();
                handle.createQuery("select seq from audit_log where family_id = :family order by seq desc"
                                + " offset :most rows fetch first 1 row only")
                        .bind("family", family)
                        .bind("most", MAX_OF_A_FAMILY)
                        .mapTo(Long.class)
                        .findOne()
                        .ifPresent(oldest -> handle.createUpdate(
                                        "delete from audit_log where family_id = :family and seq <= :oldest")
                                .bind("family", family)
                                .bind("oldest", oldest)
                                .execute());
            });
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "It could not be stored that this happened: {0}", e.getMessage());
        }
    }
}
