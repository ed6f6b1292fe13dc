package org.draugar.notifications;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.Here;
import org.draugar.family.HistoryErased;
import org.draugar.family.MemberId;
import org.draugar.notifications.NotificationsResource.NotificationView;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/** Keeps what members were told. Thread-safe. */
@Singleton
public class Notifications {
    private static final Duration KEPT = Duration.ofDays(30);
    /** Tests can be asked for again and again. */
    private static final Duration TRIALS_KEPT = Duration.ofHours(1);

    private static final int MAX_PAGE = 500;

    /** The columns of the table and of its member, of which {@link #of} reads one row. */
    static final String COLUMNS = "n.id as notification, m.family_id, n.member_id, n.kind as notification_kind,"
            + " n.event_key, n.title, n.text, n.about_id, n.place_id, n.told_at";

    private final Store store;
    private final Event<FamilyEvent> facts;

    @Inject
    Notifications(Store store, @Here Event<FamilyEvent> facts) {
        this.store = store;
        this.facts = facts;
    }

    /**
     * Tells somebody something, once for each key: it is written in the caller's transaction, together with what has to be
     * sent, and is on its way when that is committed.
     *
     * @param handle in a transaction
     * @return whether it is new: not where they were told for this key before
     */
    public boolean tell(Handle handle, Notification notification) {
        return write(handle, notification, null);
    }

    /** The same, through one channel alone. */
    boolean tell(Handle handle, Notification notification, long channel) {
        return write(handle, notification, channel);
    }

    private boolean write(Handle handle, Notification notification, Long channel) {
        int written = handle.createUpdate("insert into notification"
                        + " (id, member_id, kind, event_key, title, text, about_id, place_id, told_at) values"
                        + " (:id, :to, :kind, :key, :title, :text, :about, :place, :at) on conflict do nothing")
                .bind("id", notification.id())
                .bind("to", notification.to().value())
                .bind("kind", notification.kind().word())
                .bind("key", notification.key())
                .bind("title", notification.title())
                .bind("text", notification.text())
                .bind(
                        "about",
                        notification.about() == null
                                ? null
                                : notification.about().value())
                .bind("place", notification.place())
                .bind("at", notification.at().atOffset(ZoneOffset.UTC))
                .execute();
        if (written == 0) {
            return false;
        }
        handle.createUpdate("insert into notification_delivery"
                        + " (channel_id, notification_seq, urgent, due_at, attempts, expires_at)"
                        + " select c.id, n.seq, :urgent, n.told_at, 0, :expires"
                        + " from notification n join notification_channel c on c.member_id = n.member_id"
                        + " where n.id = :id and c.code_hash is null and (:channel is null or c.id = :channel)")
                .bind("channel", channel)
                .bind("id", notification.id())
                .bind("urgent", notification.kind().isUrgent())
                .bind(
                        "expires",
                        notification.at().plus(notification.kind().term()).atOffset(ZoneOffset.UTC))
                .execute();
        handle.afterCommit(() -> facts.fire(notification));
        return true;
    }

    /** What a member was told after a moment, the newest first: the last {@value #MAX_PAGE} at most. */
    List<Notification> of(MemberId member, Instant since) {
        return list(member, since, MAX_PAGE);
    }

    /** All that a member was told, for their export. */
    public List<NotificationView> export(MemberId member) {
        return list(member, Instant.EPOCH, Integer.MAX_VALUE).stream()
                .map(NotificationView::of)
                .toList();
    }

    private List<Notification> list(MemberId member, Instant since, int most) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select " + COLUMNS
                        + " from notification n join member m on m.id = n.member_id"
                        + " where n.member_id = :member and n.told_at > :since"
                        + " order by n.told_at desc, n.seq desc fetch first :most rows only")
                .bind("member", member.value())
                .bind("since", latest(since, Instant.now().minus(KEPT)).atOffset(ZoneOffset.UTC))
                .bind("most", most)
                .map((row, context) -> of(row))
                .list());
    }

    private static Instant latest(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** One that was told; empty when it was forgotten since. */
    public Optional<Notification> find(long id) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select " + COLUMNS
                        + " from notification n join member m on m.id = n.member_id where n.id = :id")
                .bind("id", id)
                .map((row, context) -> of(row))
                .findOne());
    }

    static Notification of(ResultSet row) throws SQLException {
        long about = row.getLong("about_id");
        MemberId whom = row.wasNull() ? null : new MemberId(about);
        long place = row.getLong("place_id");
        Long which = row.wasNull() ? null : Long.valueOf(place);
        return new Notification(
                row.getLong("notification"),
                new FamilyId(row.getLong("family_id")),
                new MemberId(row.getLong("member_id")),
                Notification.Kind.of(row.getString("notification_kind")),
                row.getString("event_key"),
                row.getString("title"),
                row.getString("text"),
                whom,
                which,
                row.getObject("told_at", OffsetDateTime.class).toInstant());
    }

    /** To be run now and then: forgets what was told long ago, and what is too old to be sent. */
    public void look() {
        Instant now = Instant.now();
        store.jdbi().useHandle(handle -> {
            handle.createUpdate(
                            "delete from notification where told_at < :old" + " or (kind = :test and told_at < :trial)")
                    .bind("old", now.minus(KEPT).atOffset(ZoneOffset.UTC))
                    .bind("test", Notification.Kind.TEST.word())
                    .bind("trial", now.minus(TRIALS_KEPT).atOffset(ZoneOffset.UTC))
                    .execute();
            handle.createUpdate("delete from notification_delivery where expires_at < :now"
                            + " or channel_id not in (select id from notification_channel)")
                    .bind("now", now.atOffset(ZoneOffset.UTC))
                    .execute();
        });
    }

    /** Of who deletes where they were, others are not reminded either. */
    void forget(@Observes @Here HistoryErased erased) {
        store.jdbi().useHandle(handle -> handle.createUpdate("delete from notification where about_id = :member")
                .bind("member", erased.member().value())
                .execute());
    }
}
