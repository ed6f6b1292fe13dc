package org.draugar.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.NotificationOptions;
import jakarta.enterprise.util.TypeLiteral;
import jakarta.json.Json;
import java.io.ByteArrayInputStream;
import java.lang.annotation.Annotation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.draugar.family.Caller;
import org.draugar.family.FamilyEvent;
import org.draugar.family.HistoryErased;
import org.draugar.family.MemberId;
import org.draugar.http.Body;
import org.draugar.identity.IdentityFixture;
import org.draugar.notifications.Notification.Kind;
import org.draugar.notifications.NotificationsResource.NotificationChannelRequest;
import org.draugar.notifications.Receiver.Got;
import org.draugar.notifications.Receiver.Subscription;
import org.draugar.outbound.Outbound;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.support.Database;
import org.draugar.support.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is told is written with what caused it, and sent once, in order, whoever else is slow: on each of the databases. */
@ParameterizedClass
@EnumSource(Database.class)
class SenderTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @Parameter
    Database database;

    @TempDir
    Path folder;

    private final List<FamilyEvent> facts = new CopyOnWriteArrayList<>();
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final List<Node> nodes = new ArrayList<>();

    private Receiver receiver;
    private Settings settings;
    private Store store;
    private Notifications notifications;
    private Channels channels;
    private Caller anna;
    private Caller bjorn;

    /** What sends on one server. */
    private record Node(Outbound outbound, Sender sender) {}

    @BeforeEach
    void open() {
        Map<String, String> environment = new HashMap<>(database.createWithTables(folder));
        receiver = new Receiver(0);
        environment.put("DRAUGAR_NOTIFY_ORIGINS", receiver.url(""));
        settings = Settings.from(environment::get);
        store = new Store(settings);
        notifications = new Notifications(store, new Facts());
        anna = IdentityFixture.signUp(store, "Anna");
        bjorn = IdentityFixture.join(store, anna, "Björn");
        channels = new Channels(store, notifications, node().outbound(), new Mail(settings), settings);
    }

    /** Another server on the same store. */
    private Node node() {
        Outbound outbound = new Outbound();
        outbound.start(Thread::new, timer);
        Sender sender = new Sender(store, outbound, new PushKey(store, settings), new Mail(settings), settings);
        sender.start(executor);
        nodes.add(new Node(outbound, sender));
        timer.scheduleWithFixedDelay(sender::look, 100, 100, TimeUnit.MILLISECONDS);
        return nodes.get(nodes.size() - 1);
    }

    @AfterEach
    void close() {
        // Nothing where the test was left out.
        if (store != null) {
            timer.shutdownNow();
            nodes.forEach(node -> node.outbound().stop());
            receiver.close();
            executor.shutdownNow();
            store.close();
        }
    }

    @Test
    void itIsToldWithWhatCausedItOrNotAtAll() {
        Channel hook = webhook(anna, "/hook");
        assertThatThrownBy(() -> store.jdbi().useTransaction(handle -> {
                    assertThat(notifications.tell(handle, arrival(anna, "visit 1")))
                            .isTrue();
                    throw new IllegalStateException("it did not happen");
                }))
                .hasMessage("it did not happen");
        assertThat(facts).isEmpty();
        assertThat(tell(arrival(anna, "visit 2"))).isTrue();
        Server.await("it is sent", SOON, () -> !receiver.got("/hook").isEmpty());
        assertThat(notifications.of(anna.member(), Instant.EPOCH))
                .extracting(Notification::key)
                .containsExactly("visit 2");
        assertThat(facts).hasSize(1);
        assertThat(receiver.got("/hook")).hasSize(1);
        Server.await("the channel knows", SOON, () -> channel(anna, hook).sentAt() != null);
    }

    @Test
    void eachIsToldOnceForItsKeyWhoeverTriesToo() throws Exception {
        webhook(anna, "/hook");
        webhook(bjorn, "/bjorn");
        List<Future<Boolean>> attempts = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            attempts.add(executor.submit(() -> tell(arrival(anna, "visit 1"))));
        }
        int told = 0;
        for (Future<Boolean> attempt : attempts) {
            told += attempt.get() ? 1 : 0;
        }
        assertThat(told).isEqualTo(1);
        assertThat(tell(arrival(bjorn, "visit 1")))
                .as("another one is told too")
                .isTrue();
        Server.await("both are sent", SOON, () -> receiver.got().size() == 2);
        awaitEmpty();
        assertThat(receiver.got()).hasSize(2);
    }

    /** Three servers, many channels: each is sent by one of them, and each channel gets its own in their order. */
    @Test
    void severalServersSendEachOnceAndInOrder() {
        node();
        node();
        int count = 40;
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            paths.add("/hook" + i);
            webhook(i % 2 == 0 ? anna : bjorn, "/hook" + i);
        }
        for (int i = 0; i < count; i++) {
            tell(arrival(anna, "visit " + i));
            tell(arrival(bjorn, "visit " + i));
            nodes.get(i % 3).sender().look();
        }
        awaitEmpty();
        assertThat(paths).allSatisfy(path -> assertThat(receiver.got(path).stream()
                        .map(got -> got.json().getString("text"))
                        .toList())
                .isEqualTo(java.util.stream.IntStream.range(0, count)
                        .mapToObj(i -> "visit " + i)
                        .toList()));
    }

    @Test
    void whatIsNotTakenIsTriedAgainBeforeWhatComesBehindItButAnSosGoesFirst() {
        Channel hook = webhook(anna, "/hook");
        receiver.answer("/hook", 500);
        tell(arrival(anna, "visit 1"));
        Server.await("it was tried", SOON, () -> channel(anna, hook).trouble() != null);
        tell(arrival(anna, "visit 2"));
        tell(notification(anna, Kind.SOS, "sos 1"));
        Server.await("all are taken", SOON, () -> texts("/hook").size() == 4);
        assertThat(texts("/hook")).containsExactly("visit 1", "sos 1", "visit 1", "visit 2");
        assertThat(receiver.got("/hook").get(0).json().getString("id"))
                .as("the same again")
                .isEqualTo(receiver.got("/hook").get(2).json().getString("id"));
        Server.await("it is well again", SOON, () -> channel(anna, hook).trouble() == null);
    }

    @Test
    void whoWantsToBeLeftAloneIsEvenWithAnSos() {
        webhook(anna, "/hook");
        receiver.answer("/hook", 429);
        tell(arrival(anna, "visit 1"));
        Server.await("it was tried", SOON, () -> !receiver.got("/hook").isEmpty());
        tell(notification(anna, Kind.SOS, "sos 1"));
        Server.await("all are taken", SOON, () -> texts("/hook").size() == 3);
        assertThat(texts("/hook")).containsExactly("visit 1", "sos 1", "visit 1");
        assertThat(Duration.ofNanos(receiver.got("/hook").get(1).at()
                        - receiver.got("/hook").get(0).at()))
                .as("Retry-After: 3")
                .isGreaterThan(Duration.ofMillis(2900));
    }

    @Test
    void aSubscriptionThatIsGoneIsRemovedAndAWebhookIsNot() {
        Subscription first = receiver.subscription("/push1");
        Subscription second = receiver.subscription("/push2");
        add(anna, first.request().toString());
        add(anna, second.request().toString());
        Channel hook = webhook(anna, "/hook");
        receiver.answerAlways("/push1", 410);
        receiver.answerAlways("/push2", 404);
        receiver.answerAlways("/hook", 404);
        tell(arrival(anna, "visit 1"));
        Server.await("both are gone", SOON, () -> channels.of(anna.member()).size() == 1);
        Server.await("the reason", SOON, () -> "It answers with status 404"
                .equals(channel(anna, hook).trouble()));
        notifications.look();
        assertThat(waiting()).isEqualTo(1);
    }

    @Test
    void whatIsTooBigIsNotSentAgainAndTheNextOneIs() {
        webhook(anna, "/hook");
        receiver.answer("/hook", 413);
        tell(arrival(anna, "visit 1"));
        tell(arrival(anna, "visit 2"));
        awaitEmpty();
        assertThat(texts("/hook")).containsExactly("visit 1", "visit 2");
    }

    @Test
    void oneThatNeverAnswersOrNeverEndsCostsOthersNothing() {
        webhook(bjorn, "/nothing");
        webhook(bjorn, "/endless");
        webhook(anna, "/hook");
        receiver.answerAlways("/nothing", Receiver.NOTHING);
        receiver.answerAlways("/endless", Receiver.ENDLESS);
        tell(arrival(bjorn, "visit 0"));
        Server.await("both are called", SOON, () -> receiver.got().size() == 2);
        long start = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            tell(arrival(anna, "visit " + i));
        }
        Server.await("Anna is told", SOON, () -> receiver.got("/hook").size() == 20);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        Server.await("the head of what is endless is an answer", SOON, () -> waiting() == 1);
    }

    /** The server dies between the attempt and its end: another attempt follows. */
    @Test
    void anAttemptThatHasNoEndIsMadeAgainLater() {
        webhook(anna, "/hook");
        receiver.answerAlways("/hook", 500);
        tell(arrival(anna, "visit 1"));
        Server.await("it was tried", SOON, () -> !receiver.got("/hook").isEmpty());
        nodes.forEach(node -> node.outbound().stop());
        receiver.answerAlways("/hook", 201);
        store.jdbi()
                .useHandle(handle -> handle.execute(
                        "update notification_delivery set due_at = ?",
                        Instant.now().minusSeconds(1).atOffset(ZoneOffset.UTC)));
        node();
        awaitEmpty();
        assertThat(receiver.got("/hook").stream().filter(Got::isTaken)).hasSize(1);
    }

    @Test
    void whatIsOldIsNotSent() {
        webhook(anna, "/hook");
        receiver.answerAlways("/hook", 500);
        tell(arrival(anna, "visit 1"));
        Server.await("it was tried", SOON, () -> !receiver.got("/hook").isEmpty());
        Instant now = Instant.now();
        store.jdbi().useHandle(handle -> {
            assertThat(handle.createQuery(
                                    "select expires_at > :before and expires_at < :after from notification_delivery")
                            .bind("before", now.plus(Duration.ofHours(11)).atOffset(ZoneOffset.UTC))
                            .bind("after", now.plus(Duration.ofHours(12)).atOffset(ZoneOffset.UTC))
                            .mapTo(Boolean.class)
                            .one())
                    .isTrue();
            handle.execute(
                    "update notification_delivery set expires_at = ?",
                    now.minusSeconds(1).atOffset(ZoneOffset.UTC));
        });
        receiver.answerAlways("/hook", 201);
        tell(arrival(anna, "visit 2"));
        Server.await("the next one is taken", SOON, () -> receiver.got("/hook").stream()
                .anyMatch(Got::isTaken));
        notifications.look();
        awaitEmpty();
        assertThat(receiver.got("/hook").stream().filter(Got::isTaken).map(got -> got.json()
                        .getString("text")))
                .containsExactly("visit 2");
    }

    @Test
    void whoIsNoLongerThereIsNeitherToldNorToldOf() {
        webhook(anna, "/hook");
        receiver.answerAlways("/hook", 500);
        tell(arrival(anna, "visit 1"));
        tell(arrival(bjorn, "visit 1"));
        notifications.forget(new HistoryErased(bjorn.family(), bjorn.member(), true));
        assertThat(notifications.of(anna.member(), Instant.EPOCH))
                .as("about Björn")
                .isEmpty();
        assertThat(waiting()).isZero();
        tell(arrival(anna, "visit 2"));
        for (Caller gone : List.of(bjorn, anna)) {
            store.jdbi()
                    .useHandle(handle -> handle.execute(
                            "delete from member where id = ?", gone.member().value()));
        }
        notifications.look();
        for (String table : List.of("notification", "notification_channel", "notification_delivery")) {
            assertThat(count(table)).as(table).isZero();
        }
    }

    @Test
    void aBrowserIsNotToldWhenItsDeviceIsSignedOut() {
        add(anna, receiver.subscription("/push").request().toString());
        Channel hook = webhook(anna, "/hook");
        store.jdbi()
                .useHandle(handle -> handle.execute(
                        "delete from device where id = ?", anna.device().value()));
        assertThat(channels.of(anna.member())).extracting(Channel::id).containsExactly(hook.id());
    }

    @Test
    void theKeyOfTheServerIsMadeOnce() {
        String key = new PushKey(store, settings).publicKey();
        assertThat(new PushKey(store, settings).publicKey()).isEqualTo(key).hasSize(87);
    }

    @Test
    void longTextsAreCutNotRefused() {
        Notification long_ = Notification.of(
                anna.family(), anna.member(), Kind.ARRIVE, "k", "😀".repeat(100), "ð".repeat(600), null, null);
        assertThat(tell(long_)).isTrue();
        Notification kept = notifications.of(anna.member(), Instant.EPOCH).get(0);
        assertThat(kept).isEqualTo(long_);
        assertThat(kept.title()).hasSizeLessThanOrEqualTo(128).endsWith("😀…");
        assertThat(kept.text()).hasSize(512).endsWith("ð…");
    }

    private boolean tell(Notification notification) {
        return store.jdbi().inTransaction(handle -> notifications.tell(handle, notification));
    }

    /** That Björn has arrived somewhere. */
    private Notification arrival(Caller to, String key) {
        return notification(to, Kind.ARRIVE, key);
    }

    private Notification notification(Caller to, Kind kind, String key) {
        MemberId about = bjorn.member();
        return Notification.of(to.family(), to.member(), kind, key, "Björn is at Home", key, about, 7L);
    }

    private Channel webhook(Caller owner, String path) {
        return add(
                owner,
                Json.createObjectBuilder()
                        .add("kind", "webhook")
                        .add("url", receiver.url(path))
                        .build()
                        .toString());
    }

    private Channel add(Caller owner, String request) {
        return channels.add(
                owner,
                Body.read(
                        new ByteArrayInputStream(request.getBytes(StandardCharsets.UTF_8)),
                        NotificationChannelRequest.class));
    }

    private Channel channel(Caller owner, Channel channel) {
        return channels.of(owner.member()).stream()
                .filter(known -> known.id() == channel.id())
                .findFirst()
                .orElseThrow();
    }

    private List<String> texts(String path) {
        return receiver.got(path).stream()
                .map(got -> got.json().getString("text"))
                .toList();
    }

    private int waiting() {
        return count("notification_delivery");
    }

    private int count(String table) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select count(*) from " + table)
                .mapTo(Integer.class)
                .one());
    }

    private void awaitEmpty() {
        Server.await("nothing waits", SOON, () -> waiting() == 0);
    }

    /** What a container would fire. */
    private final class Facts implements Event<FamilyEvent> {
        @Override
        public void fire(FamilyEvent fact) {
            facts.add(fact);
            nodes.get(0).sender().look();
        }

        @Override
        public <U extends FamilyEvent> CompletionStage<U> fireAsync(U fact) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <U extends FamilyEvent> CompletionStage<U> fireAsync(U fact, NotificationOptions options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Event<FamilyEvent> select(Annotation... qualifiers) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <U extends FamilyEvent> Event<U> select(Class<U> type, Annotation... qualifiers) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <U extends FamilyEvent> Event<U> select(TypeLiteral<U> type, Annotation... qualifiers) {
            throw new UnsupportedOperationException();
        }
    }
}
