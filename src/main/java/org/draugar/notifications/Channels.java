package org.draugar.notifications;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.draugar.family.Caller;
import org.draugar.family.Code;
import org.draugar.family.Ids;
import org.draugar.family.MemberId;
import org.draugar.http.Problem;
import org.draugar.notifications.Channel.Kind;
import org.draugar.notifications.NotificationsResource.NotificationChannelRequest;
import org.draugar.notifications.NotificationsResource.NotificationChannelView;
import org.draugar.outbound.Outbound;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/** Where members are told with the page closed. Thread-safe. */
@Singleton
public class Channels {
    private static final Logger LOG = System.getLogger(Channels.class.getName());

    static final int MAX_OF_A_MEMBER = 20;
    private static final int MAX_WRONG_CODES = 5;
    private static final Duration CODE_TERM = Duration.ofDays(1);

    /** Codes of a day: from one member, to one address, and from this server. */
    private static final int MAX_CODES_OF_A_MEMBER = 5;

    private static final int MAX_CODES_TO_AN_ADDRESS = 3;
    private static final int MAX_CODES = 200;

    /** One trial of a channel in so many seconds. */
    private static final int TRIAL_SECONDS = 10;

    private static final String EMAIL_ADDRESS = "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}";
    private static final String TOKEN = "[A-Za-z0-9_.~+/=-]{1,256}";

    private final Store store;
    private final Notifications notifications;
    private final Outbound outbound;
    private final Mail mail;
    private final Set<String> named;

    @Inject
    Channels(Store store, Notifications notifications, Outbound outbound, Mail mail, Settings settings) {
        this.store = store;
        this.notifications = notifications;
        this.outbound = outbound;
        this.mail = mail;
        this.named = settings.notifyOrigins();
    }

    /** The kinds that this server can send as. */
    List<Kind> kinds() {
        return mail.isPossible() ? List.of(Kind.values()) : List.of(Kind.WEBPUSH, Kind.NTFY, Kind.WEBHOOK);
    }

    /** A member's, the oldest first. */
    List<Channel> of(MemberId member) {
        return store.jdbi().withHandle(handle -> list(handle, member));
    }

    /** As they are in a member's export: with no key and no token. */
    public List<NotificationChannelView> export(MemberId member) {
        return of(member).stream().map(NotificationChannelView::of).toList();
    }

    private static List<Channel> list(Handle handle, MemberId member) {
        return handle.createQuery("select " + Channel.COLUMNS + " from notification_channel c"
                        + " where member_id = :member order by created_at, id")
                .bind("member", member.value())
                .map((row, context) -> Channel.of(row))
                .list();
    }

    /**
     * Adds one, or renews the one that the caller has with this address.
     *
     * @throws Problem 400 when it cannot be one, 409 when there are too many, 429 when too many codes were sent
     */
    Channel add(Caller caller, NotificationChannelRequest request) {
        Kind kind = Kind.of(request.kind())
                .filter(kinds()::contains)
                .orElseThrow(() -> new Problem(400, "kind: expected " + words()));
        String address = address(kind, request);
        byte[] publicKey = kind == Kind.WEBPUSH ? publicKey(request.keys().p256dh()) : null;
        byte[] auth = kind == Kind.WEBPUSH ? auth(request.keys().auth()) : null;
        String token = kind == Kind.NTFY ? token(request.token()) : null;
        Code code = kind == Kind.EMAIL ? Code.random() : null;
        Channel added = store.jdbi().inTransaction(handle -> {
            // One after the other, so that they can be counted.
            boolean isMember = handle.createQuery("select id from member where id = :member for update")
                    .bind("member", caller.member().value())
                    .mapTo(Long.class)
                    .findOne()
                    .isPresent();
            if (!isMember) {
                throw new Problem(401, "Authentication required");
            }
            if (kind == Kind.WEBPUSH) {
                // A browser tells one member alone: the one who signed in last.
                handle.createUpdate("delete from notification_channel"
                                + " where kind = :kind and address = :address and member_id <> :member")
                        .bind("kind", kind.word())
                        .bind("address", address)
                        .bind("member", caller.member().value())
                        .execute();
            }
            List<Channel> all = list(handle, caller.member());
            Optional<Channel> known = all.stream()
                    .filter(channel ->
                            channel.kind() == kind && channel.address().equals(address))
                    .findFirst();
            if (known.isPresent() && known.get().confirmed() && kind == Kind.EMAIL) {
                return known.get();
            }
            if (known.isEmpty() && all.size() >= MAX_OF_A_MEMBER) {
                throw new Problem(409, "You have " + MAX_OF_A_MEMBER + " channels: remove one that you do not need");
            }
            if (kind == Kind.EMAIL) {
                count(handle, caller.member(), address);
            }
            // What waits for a channel that is renewed goes on waiting.
            long id = known.map(Channel::id).orElseGet(Ids::random);
            if (known.isEmpty()) {
                handle.createUpdate("insert into notification_channel (id, member_id, kind, address, created_at, wrong)"
                                + " values (:id, :member, :kind, :address, :now, 0)")
                        .bind("id", id)
                        .bind("member", caller.member().value())
                        .bind("kind", kind.word())
                        .bind("address", address)
                        .bind("now", now())
                        .execute();
            }
            handle.createUpdate("update notification_channel set device_id = :device, public_key = :key, auth = :auth,"
                            + " token = :token, code_hash = :code where id = :id")
                    .bind("device", kind == Kind.WEBPUSH ? caller.device().value() : null)
                    .bind("key", publicKey)
                    .bind("auth", auth)
                    .bind("token", token)
                    .bind("code", code == null ? null : Code.sha256(code.text()))
                    .bind("id", id)
                    .execute();
            return find(handle, caller.member(), id);
        });
        if (!added.confirmed()) {
            send(added, code);
        }
        return added;
    }

    private String words() {
        return String.join(", ", kinds().stream().map(Kind::word).toList());
    }

    private String address(Kind kind, NotificationChannelRequest request) {
        if (kind == Kind.EMAIL) {
            String address = request.address();
            if (address == null || !address.matches(EMAIL_ADDRESS)) {
                throw new Problem(400, "address: expected an e-mail address, such as anna@family.example");
            }
            return address;
        }
        if (kind == Kind.WEBPUSH && request.keys() == null) {
            throw new Problem(400, "keys: expected {p256dh, auth} of the browser's subscription");
        }
        String name = kind == Kind.WEBPUSH ? "endpoint" : "url";
        String url = kind == Kind.WEBPUSH ? request.endpoint() : request.url();
        return Outbound.url(url, named)
                .filter(found -> kind != Kind.NTFY || Messages.topic(found).isPresent())
                .orElseThrow(() -> new Problem(
                        400,
                        name + ": expected a URL such as "
                                + (kind == Kind.NTFY ? "https://ntfy.example/topic" : "https://push.example/…")
                                + ", of at most 1024 characters"))
                .toString();
    }

    private static byte[] publicKey(String base64) {
        try {
            byte[] key = bytes("keys.p256dh", base64);
            P256.publicKey(key);
            return key;
        } catch (InvalidKeyException e) {
            throw new Problem(400, "keys.p256dh: expected a public key of P-256 in base64url");
        }
    }

    private static byte[] auth(String base64) {
        byte[] auth = bytes("keys.auth", base64);
        if (auth.length != WebPush.AUTH) {
            throw new Problem(400, "keys.auth: expected " + WebPush.AUTH + " bytes in base64url");
        }
        return auth;
    }

    private static byte[] bytes(String name, String base64) {
        try {
            return Base64.getUrlDecoder().decode(base64 == null ? "" : base64);
        } catch (IllegalArgumentException e) {
            throw new Problem(400, name + ": expected base64url");
        }
    }

    private static String token(String token) {
        if (token != null && !token.matches(TOKEN)) {
            throw new Problem(400, "token: expected an access token of ntfy");
        }
        return token;
    }

    /** Threat: who fills strangers' letter boxes with codes. They are counted, and so are those of members who leave. */
    private static void count(Handle handle, MemberId member, String address) {
        byte[] hash = Code.sha256(address.toLowerCase(Locale.ROOT));
        handle.createUpdate("delete from address_code where sent_at < :old")
                .bind("old", now().minus(CODE_TERM))
                .execute();
        boolean tooMany = handle.createQuery("select count(*) >= :most"
                        + " or count(case when member_id = :member then 1 end) >= :mostOfMember"
                        + " or count(case when address_hash = :hash then 1 end) >= :mostToAddress from address_code")
                .bind("most", MAX_CODES)
                .bind("member", member.value())
                .bind("mostOfMember", MAX_CODES_OF_A_MEMBER)
                .bind("hash", hash)
                .bind("mostToAddress", MAX_CODES_TO_AN_ADDRESS)
                .mapTo(Boolean.class)
                .one();
        if (tooMany) {
            throw new Problem(429, "Too many codes were sent today: try again tomorrow", CODE_TERM);
        }
        handle.createUpdate("insert into address_code (member_id, address_hash, sent_at) values (:member, :hash, :now)")
                .bind("member", member.value())
                .bind("hash", hash)
                .bind("now", now())
                .execute();
    }

    private void send(Channel channel, Code code) {
        try {
            outbound.run(
                    Ids.text(channel.id()),
                    Mail.PLACE,
                    () -> note(
                            channel,
                            mail.sendCode(channel.address(), code.text()) ? null : "The mail could not be sent"),
                    () -> {});
        } catch (RejectedExecutionException e) {
            LOG.log(Level.WARNING, "Too many calls wait: a code was not sent");
            note(channel, "The mail could not be sent");
        }
    }

    private void note(Channel channel, String trouble) {
        store.jdbi().useHandle(handle -> handle.createUpdate(
                        "update notification_channel set trouble = :trouble where id = :id")
                .bind("trouble", trouble)
                .bind("id", channel.id())
                .execute());
    }

    /**
     * Confirms that an e-mail address is the caller's.
     *
     * @throws Problem 400 when the code is wrong, 404 when there is no such channel
     */
    Channel confirm(MemberId member, String id, String typed) {
        // What is wrong is counted, and not undone by the problem.
        boolean right = store.jdbi().inTransaction(handle -> {
            Channel channel = find(handle, member, parse(id));
            if (channel.confirmed()) {
                return true;
            }
            byte[] given =
                    Code.parse(typed).map(code -> Code.sha256(code.text())).orElse(new byte[0]);
            byte[] expected = handle.createQuery("select code_hash from notification_channel where id = :id for update")
                    .bind("id", channel.id())
                    .mapTo(byte[].class)
                    .one();
            if (MessageDigest.isEqual(given, expected)) {
                handle.createUpdate("update notification_channel set code_hash = null where id = :id")
                        .bind("id", channel.id())
                        .execute();
                return true;
            }
            handle.createUpdate("update notification_channel set wrong = wrong + 1 where id = :id")
                    .bind("id", channel.id())
                    .execute();
            handle.createUpdate("delete from notification_channel where id = :id and wrong >= :most")
                    .bind("id", channel.id())
                    .bind("most", MAX_WRONG_CODES)
                    .execute();
            return false;
        });
        if (!right) {
            throw new Problem(
                    400,
                    "code: expected the one in the mail; after " + MAX_WRONG_CODES
                            + " wrong ones, add the address again");
        }
        return store.jdbi().withHandle(handle -> find(handle, member, parse(id)));
    }

    /** @throws Problem 404 when there is none */
    void remove(MemberId member, String id) {
        int removed = store.jdbi().withHandle(handle -> handle.createUpdate(
                        "delete from notification_channel where id = :id and member_id = :member")
                .bind("id", parse(id))
                .bind("member", member.value())
                .execute());
        if (removed == 0) {
            throw none();
        }
    }

    /**
     * Sends something through one channel alone.
     *
     * @throws Problem 404 when there is none, 409 when it is not confirmed, 429 when it was just tried
     */
    void test(Caller caller, String id) {
        store.jdbi().useTransaction(handle -> {
            Channel channel = find(handle, caller.member(), parse(id));
            if (!channel.confirmed()) {
                throw new Problem(409, "Confirm the address first, with the code that was sent to it");
            }
            long slot = Instant.now().getEpochSecond() / TRIAL_SECONDS;
            boolean told = notifications.tell(
                    handle,
                    Notification.of(
                            caller.family(),
                            caller.member(),
                            Notification.Kind.TEST,
                            "test " + id + " " + slot,
                            "Draugar",
                            "This is a test: notifications reach you here.",
                            null,
                            null),
                    channel.id());
            if (!told) {
                throw new Problem(429, "It was just tried: wait a little", Duration.ofSeconds(TRIAL_SECONDS));
            }
        });
    }

    private static Channel find(Handle handle, MemberId member, long id) {
        return handle.createQuery("select " + Channel.COLUMNS
                        + " from notification_channel c where id = :id and member_id = :member")
                .bind("id", id)
                .bind("member", member.value())
                .map((row, context) -> Channel.of(row))
                .findOne()
                .orElseThrow(Channels::none);
    }

    private static long parse(String id) {
        return Ids.parse(id).orElseThrow(Channels::none);
    }

    private static Problem none() {
        return new Problem(404, "You have no such channel");
    }

    /** To be run now and then: forgets addresses that nobody has confirmed. */
    public void look() {
        store.jdbi().useHandle(handle -> handle.createUpdate(
                        "delete from notification_channel where code_hash is not null and created_at < :old")
                .bind("old", now().minus(CODE_TERM))
                .execute());
    }

    private static OffsetDateTime now() {
        return Instant.now().atOffset(ZoneOffset.UTC);
    }
}
