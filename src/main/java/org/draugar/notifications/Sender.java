package org.draugar.notifications;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.draugar.family.Here;
import org.draugar.family.Ids;
import org.draugar.outbound.Outbound;
import org.draugar.outbound.Outbound.Answer;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/**
 * Sends what waits in the store: for each channel one after the other, the urgent first, and each until its channel takes
 * it or it is old. Of several servers one sends it, the one that has moved its next attempt on; where that one dies,
 * another attempt follows. What was sent in the moment of a crash is sent once more, with the same id. Thread-safe.
 */
@Singleton
public class Sender {
    private static final Logger LOG = System.getLogger(Sender.class.getName());

    /** Longer than an attempt takes. */
    private static final Duration LEASE = Duration.ofMinutes(1);

    private static final int FIRST_WAIT_SECONDS = 2;
    private static final int LONGEST_WAIT_SECONDS = 300;

    private final Store store;
    private final Outbound outbound;
    private final PushKey pushKey;
    private final Mail mail;
    private final Set<String> named;
    private final boolean isAlone;
    /** Channels that this server is sending to. */
    private final Set<Long> busy = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile Executor executor;

    @Inject
    Sender(Store store, Outbound outbound, PushKey pushKey, Mail mail, Settings settings) {
        this.store = store;
        this.outbound = outbound;
        this.pushKey = pushKey;
        this.mail = mail;
        this.named = settings.notifyOrigins();
        this.isAlone = settings.cluster().isEmpty();
    }

    /** What waits first for a channel. @param attempts that were made, this one too */
    private record Waiting(
            Channel channel, Notification notification, long seq, int attempts, OffsetDateTime due, Instant expires) {}

    /** A channel for which something is due, and its member. @param place where it is */
    private record Due(long channel, String owner, String place) {}

    /** To be called once. @param background where is looked for what is due */
    public void start(Executor background) {
        if (isAlone) {
            // What was being sent when the server ended need not wait: nobody else sends it.
            store.jdbi().useHandle(handle -> handle.createUpdate(
                            "update notification_delivery set due_at = :now where due_at > :now")
                    .bind("now", now())
                    .execute());
        }
        executor = background;
        look();
    }

    void wake(@Observes @Here Notification told) {
        look();
    }

    /** Looks for what is due, in the background. To be run every second. */
    public void look() {
        if (executor != null && asked.compareAndSet(false, true)) {
            try {
                executor.execute(this::begin);
            } catch (RejectedExecutionException e) {
                // The server stops.
                asked.set(false);
            }
        }
    }

    private void begin() {
        asked.set(false);
        try {
            beginAll();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "Notifications wait until the store answers: {0}", e.getMessage());
        }
    }

    /** All of them, however many: those that wait for a thread for slow places must not hide others. */
    private void beginAll() {
        store.jdbi().useHandle(handle -> handle.createQuery("select c.id, c.member_id, c.kind, c.address from"
                        + " (select channel_id, due_at, urgent, row_number() over (partition by channel_id"
                        + " order by urgent desc, notification_seq) as place"
                        + " from notification_delivery where expires_at > :now) d"
                        + " join notification_channel c on c.id = d.channel_id"
                        + " where d.place = 1 and d.due_at <= :now and (c.rests_until is null or c.rests_until <= :now)"
                        + " order by d.urgent desc, d.due_at")
                .bind("now", now())
                .map((row, context) -> new Due(
                        row.getLong("id"),
                        Ids.text(row.getLong("member_id")),
                        place(row.getString("kind"), row.getString("address"))))
                .forEach(this::begin));
    }

    private static String place(String kind, String address) {
        return kind.equals(Channel.Kind.EMAIL.word())
                ? Mail.PLACE
                : Outbound.origin(URI.create(address)).orElse("");
    }

    private void begin(Due due) {
        if (!busy.add(due.channel())) {
            return;
        }
        try {
            // What comes next for this channel takes its turn with what is due for others.
            outbound.run(due.owner(), due.place(), () -> attempt(due.channel()), () -> {
                if (busy.remove(due.channel())) {
                    look();
                }
            });
        } catch (RejectedExecutionException e) {
            // It waits in the store.
            busy.remove(due.channel());
        }
    }

    private void attempt(long channel) {
        try {
            claim(channel).ifPresent(this::attempt);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "A notification waits until the store answers: {0}", e.getMessage());
            // In a second, and not at once.
            busy.remove(channel);
        }
    }

    /** Moves the next attempt on: nobody else makes this one. */
    private Optional<Waiting> claim(long channel) {
        return store.jdbi().inTransaction(handle -> {
            Optional<Waiting> first = handle.createQuery("select " + Channel.COLUMNS + ", " + Notifications.COLUMNS
                            + ", n.seq, d.attempts, d.due_at, d.expires_at from notification_delivery d"
                            + " join notification_channel c on c.id = d.channel_id"
                            + " join notification n on n.seq = d.notification_seq join member m on m.id = n.member_id"
                            + " where d.channel_id = :channel and d.expires_at > :now"
                            + " and (c.rests_until is null or c.rests_until <= :now)"
                            + " order by d.urgent desc, d.notification_seq fetch first 1 row only")
                    .bind("channel", channel)
                    .bind("now", now())
                    .map((row, context) -> new Waiting(
                            Channel.of(row),
                            Notifications.of(row),
                            row.getLong("seq"),
                            row.getInt("attempts") + 1,
                            row.getObject("due_at", OffsetDateTime.class),
                            row.getObject("expires_at", OffsetDateTime.class).toInstant()))
                    .findOne();
            // Where the first one has to wait, so do those behind it.
            return first.filter(waiting -> !waiting.due().isAfter(now()))
                    .filter(waiting -> handle.createUpdate("update notification_delivery"
                                            + " set due_at = :lease, attempts = :attempts where channel_id = :channel"
                                            + " and notification_seq = :seq and attempts = :before")
                                    .bind("lease", now().plus(LEASE))
                                    .bind("attempts", waiting.attempts())
                                    .bind("channel", channel)
                                    .bind("seq", waiting.seq())
                                    .bind("before", waiting.attempts() - 1)
                                    .execute()
                            == 1);
        });
    }

    private void attempt(Waiting waiting) {
        Channel channel = waiting.channel();
        Duration rest = null;
        String trouble;
        try {
            if (channel.kind() == Channel.Kind.EMAIL) {
                mail.send(
                        channel.address(),
                        Ids.text(waiting.notification().id()),
                        waiting.notification().title(),
                        waiting.notification().text());
                taken(waiting);
                return;
            }
            Messages message = Messages.of(channel, waiting.notification(), waiting.expires(), pushKey);
            Answer answer = outbound.post(message.url(), message.headers(), message.body(), named);
            if (answer.isFine()) {
                taken(waiting);
                return;
            }
            trouble = "It answers with status " + answer.status();
            switch (answer.status()) {
                case 404, 410 -> {
                    if (channel.kind() == Channel.Kind.WEBPUSH) {
                        remove(channel);
                        return;
                    }
                }
                // It would say the same of the same again.
                case 400, 413, 422 -> {
                    drop(waiting, trouble);
                    return;
                }
                default -> rest = answer.retryAfter();
            }
        } catch (Outbound.Refused e) {
            trouble = e.getMessage();
        } catch (SSLException e) {
            trouble = "Its certificate is not one that this server trusts";
        } catch (SendFailedException e) {
            trouble = "The mail server does not take it";
            if (e.getInvalidAddresses() != null && e.getInvalidAddresses().length > 0) {
                drop(waiting, trouble);
                return;
            }
        } catch (IOException | MessagingException e) {
            trouble = "It does not answer";
        }
        later(waiting, trouble, rest);
    }

    private void taken(Waiting waiting) {
        store.jdbi().useTransaction(handle -> {
            delete(handle, waiting);
            handle.createUpdate("update notification_channel set sent_at = :now, trouble = null, rests_until = null"
                            + " where id = :channel")
                    .bind("now", now())
                    .bind("channel", waiting.channel().id())
                    .execute();
        });
    }

    private void drop(Waiting waiting, String trouble) {
        store.jdbi().useTransaction(handle -> {
            delete(handle, waiting);
            note(handle, waiting, trouble, null);
        });
    }

    private static void delete(Handle handle, Waiting waiting) {
        handle.createUpdate("delete from notification_delivery where channel_id = :channel and notification_seq = :seq")
                .bind("channel", waiting.channel().id())
                .bind("seq", waiting.seq())
                .execute();
    }

    private void later(Waiting waiting, String trouble, Duration rest) {
        long seconds =
                Math.min(LONGEST_WAIT_SECONDS, (long) FIRST_WAIT_SECONDS << Math.min(waiting.attempts() - 1, 16));
        store.jdbi().useTransaction(handle -> {
            handle.createUpdate("update notification_delivery set due_at = :due where channel_id = :channel"
                            + " and notification_seq = :seq and attempts = :attempts")
                    .bind("due", now().plusSeconds(seconds))
                    .bind("channel", waiting.channel().id())
                    .bind("seq", waiting.seq())
                    .bind("attempts", waiting.attempts())
                    .execute();
            note(handle, waiting, trouble, rest == null ? null : now().plus(rest));
        });
    }

    private static void note(Handle handle, Waiting waiting, String trouble, OffsetDateTime restsUntil) {
        handle.createUpdate("update notification_channel set trouble = :trouble, rests_until = :rests"
                        + " where id = :channel")
                .bind("trouble", trouble)
                .bind("rests", restsUntil)
                .bind("channel", waiting.channel().id())
                .execute();
    }

    /** The browser or the app has ended its subscription (RFC 8030, 7.3). */
    private void remove(Channel channel) {
        store.jdbi().useHandle(handle -> handle.createUpdate("delete from notification_channel where id = :channel")
                .bind("channel", channel.id())
                .execute());
    }

    private static OffsetDateTime now() {
        return Instant.now().atOffset(ZoneOffset.UTC);
    }
}
