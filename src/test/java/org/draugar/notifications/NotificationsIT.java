package org.draugar.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.draugar.notifications.Receiver.Got;
import org.draugar.notifications.Receiver.Subscription;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.Server.Answer;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Notifications on their way out of a running server, to a receiver that the build's server may send to. */
@SharedServer
class NotificationsIT {
    private static final int PORT = 28127;
    private static final int SMTP_PORT = 28128;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String CHANNELS = "/api/notification-channels";

    private final Server server;
    private Receiver receiver;
    private Person anna;
    private Person bjorn;

    NotificationsIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void open() {
        receiver = new Receiver(PORT);
        anna = server.startFamily("Anna");
        bjorn = server.join(anna, "Björn");
    }

    @AfterEach
    void close() {
        channels(anna).forEach(channel -> server.delete(CHANNELS + "/" + channel.getString("id"), anna));
        channels(bjorn).forEach(channel -> server.delete(CHANNELS + "/" + channel.getString("id"), bjorn));
        receiver.close();
    }

    /** RFC 8030, 8291 and 8292: only the browser can read it, and its push service knows who sends it. */
    @Test
    void aBrowserIsToldInSecretAndItsMemberAlone() throws Exception {
        Subscription subscription = receiver.subscription("/push/anna");
        String id = add(anna, subscription.request()).string("id");
        try (Phone annas = Phone.connect(server, anna);
                Phone bjorns = Phone.connect(server, bjorn)) {
            test(anna, id);
            Got got = await("/push/anna");
            JsonObject told = subscription.read(got);
            JsonObject live = annas.hear("notification");
            assertThat(told.getString("kind")).isEqualTo("test");
            assertThat(Json.createObjectBuilder(live).remove("type").build()).isEqualTo(told);
            assertThat(server.get("/api/notifications", anna).json().getJsonArray("notifications"))
                    .containsExactly(told);
            assertThat(bjorns.flush())
                    .noneMatch(message -> message.getString("type").equals("notification"));
            assertThat(server.get("/api/notifications", bjorn).json().getJsonArray("notifications"))
                    .isEmpty();

            assertThat(got.header("Content-Encoding")).isEqualTo("aes128gcm");
            assertThat(Integer.parseInt(got.header("TTL"))).isBetween(500, 600);
            assertThat(got.header("Urgency")).isEqualTo("high");
            assertThat(got.header("Topic")).isEqualTo(told.getString("id"));
            String key = server.get("/api/push-key", anna).string("publicKey");
            String[] parts =
                    got.header("Authorization").substring("vapid t=".length()).split("[.,]", -1);
            assertThat(got.header("Authorization")).endsWith(", k=" + key);
            Base64.Decoder base64 = Base64.getUrlDecoder();
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initVerify(P256.publicKey(base64.decode(key)));
            signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            assertThat(signature.verify(base64.decode(parts[2]))).isTrue();
            JsonObject claims = Receiver.json(base64.decode(parts[1]));
            assertThat(claims.getString("aud")).isEqualTo("http://127.0.0.1:" + PORT);
            assertThat(claims.getString("sub")).isEqualTo("mailto:draugar@family.example");
            assertThat(Instant.ofEpochSecond(claims.getInt("exp")))
                    .isBetween(Instant.now(), Instant.now().plus(Duration.ofHours(24)));
        }
        Server.await("the channel knows", SOON, () -> channels(anna).get(0).containsKey("sentAt"));
    }

    @Test
    void whatWasToldBeforeAMomentIsLeftOut() {
        String id = webhook(anna, "/since");
        test(anna, id);
        String at = server.get("/api/notifications", anna)
                .json()
                .getJsonArray("notifications")
                .getJsonObject(0)
                .getString("at");
        assertThat(server.get("/api/notifications?since=" + at, anna).json().getJsonArray("notifications"))
                .isEmpty();
        assertThat(server.get("/api/notifications?since=2026-01-01T00:00:00+01:00", anna)
                        .json()
                        .getJsonArray("notifications"))
                .hasSize(1);
    }

    @Test
    void ntfyGetsItAsItsPublishersSendIt() throws Exception {
        String id = add(
                        anna,
                        Json.createObjectBuilder()
                                .add("kind", "ntfy")
                                .add("url", receiver.url("/family-5f2c"))
                                .add("token", "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2")
                                .build())
                .string("id");
        test(anna, id);
        Got got = await("/");
        assertThat(got.header("Authorization")).isEqualTo("Bearer tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2");
        assertThat(got.json().getString("topic")).isEqualTo("family-5f2c");
        assertThat(got.json().getString("title")).isEqualTo("Draugar");
        assertThat(got.json().getString("message")).contains("test");
        assertThat(got.json().getInt("priority")).isEqualTo(3);
        assertThat(server.get(CHANNELS, anna).response().body()).doesNotContain("tk_AgQdq");
    }

    @Test
    void aWebhookGetsItAsItIsInTheList() throws Exception {
        test(anna, webhook(anna, "/hook"));
        assertThat(await("/hook").json())
                .isEqualTo(server.get("/api/notifications", anna)
                        .json()
                        .getJsonArray("notifications")
                        .getJsonObject(0));
    }

    @Test
    void anAddressForMailIsConfirmedByItsCode() throws Exception {
        try (MailServer mail = new MailServer()) {
            JsonObject request = Json.createObjectBuilder()
                    .add("kind", "email")
                    .add("address", "anna." + anna.id() + "@family.example")
                    .build();
            Answer added = add(anna, request);
            String id = added.string("id");
            assertThat(added.json().getBoolean("confirmed")).isFalse();
            assertThat(server.post(CHANNELS + "/" + id + "/test", anna, "").status())
                    .isEqualTo(409);
            String first = mail.next();
            assertThat(first).contains("To: anna." + anna.id() + "@family.example", "From: draugar@family.example");
            String code = first.replaceFirst("(?s).*Your code: ([A-Z2-9]{8}).*", "$1");
            assertThat(confirm(anna, id, "AAAABBBB").status()).isEqualTo(400);
            assertThat(confirm(bjorn, id, code).status()).isEqualTo(404);
            assertThat(confirm(anna, id, code.toLowerCase(java.util.Locale.ROOT))
                            .json()
                            .getBoolean("confirmed"))
                    .isTrue();
            test(anna, id);
            assertThat(mail.next())
                    .contains("Subject: Draugar", "This is a test", "Auto-Submitted: auto-generated", "Message-ID: <");
            assertThat(add(anna, request).json().getBoolean("confirmed"))
                    .as("it still is")
                    .isTrue();
        }
    }

    @Test
    void whoGuessesCodesLosesTheChannel() throws Exception {
        try (MailServer mail = new MailServer()) {
            String id = add(
                            anna,
                            Json.createObjectBuilder()
                                    .add("kind", "email")
                                    .add("address", "guess." + anna.id() + "@family.example")
                                    .build())
                    .string("id");
            String code = mail.next().replaceFirst("(?s).*Your code: ([A-Z2-9]{8}).*", "$1");
            for (int i = 0; i < 5; i++) {
                assertThat(confirm(anna, id, "AAAABBBB").status()).isEqualTo(400);
            }
            assertThat(confirm(anna, id, code).status()).isEqualTo(404);
        }
    }

    @Test
    void aBrowserThatIsGoneIsForgotten() {
        Subscription subscription = receiver.subscription("/push/gone");
        receiver.answerAlways("/push/gone", 410);
        test(anna, add(anna, subscription.request()).string("id"));
        Server.await("it is gone", SOON, () -> channels(anna).isEmpty());
    }

    @Test
    void whatIsNotTakenComesAgainWithTheSameId() {
        Subscription subscription = receiver.subscription("/push/again");
        receiver.answer("/push/again", 500, 429);
        test(anna, add(anna, subscription.request()).string("id"));
        Server.await(
                "the third is taken", SOON, () -> receiver.got("/push/again").size() == 3);
        Set<String> ids = new HashSet<>();
        receiver.got("/push/again")
                .forEach(got -> ids.add(subscription.read(got).getString("id")));
        assertThat(ids).hasSize(1);
    }

    @Test
    void aBrowserTellsTheOneWhoSignedInLast() {
        Subscription subscription = receiver.subscription("/push/shared");
        String first = add(anna, subscription.request()).string("id");
        assertThat(add(anna, subscription.request()).string("id"))
                .as("the same is renewed")
                .isEqualTo(first);
        add(bjorn, subscription.request());
        assertThat(channels(anna)).isEmpty();
        assertThat(channels(bjorn)).hasSize(1);
    }

    /** The inside of the network, however it is written. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://127.0.0.1:28129/a",
                "https://localhost:28129/a",
                "https://[::1]:28129/a",
                "https://[::ffff:127.0.0.1]:28129/a",
                "https://[64:ff9b::7f00:1]:28129/a",
                "https://169.254.169.254/latest/meta-data/",
                "https://10.0.0.1/",
                "https://192.168.178.1/",
                "https://100.64.0.1/",
                "https://nowhere.invalid/"
            })
    void nothingGoesInside(String url) {
        String id = add(
                        anna,
                        Json.createObjectBuilder()
                                .add("kind", "webhook")
                                .add("url", url)
                                .build())
                .string("id");
        test(anna, id);
        Server.await(
                "the reason",
                SOON,
                () -> channels(anna).get(0).getString("trouble", "").equals("No address that this server may send to"));
        assertThat(channels(anna).get(0)).doesNotContainKey("sentAt");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"kind\":\"pigeon\"}",
                "{\"kind\":\"webhook\"}",
                "{\"kind\":\"webhook\",\"url\":\"http://family.example/\"}",
                "{\"kind\":\"webhook\",\"url\":\"http://127.0.0.1:28126/\"}",
                "{\"kind\":\"webhook\",\"url\":\"https://a@family.example/\"}",
                "{\"kind\":\"ntfy\",\"url\":\"https://ntfy.example/\"}",
                "{\"kind\":\"ntfy\",\"url\":\"https://ntfy.example/a?b\"}",
                "{\"kind\":\"ntfy\",\"url\":\"https://ntfy.example/a\",\"token\":\"a\\r\\nb\"}",
                "{\"kind\":\"email\",\"address\":\"anna\"}",
                "{\"kind\":\"email\",\"address\":\"anna@family.example\\r\\nBcc: eve@example.org\"}",
                "{\"kind\":\"webpush\",\"endpoint\":\"https://push.example/a\"}",
                "{\"kind\":\"webpush\",\"endpoint\":\"https://push.example/a\",\"keys\":7}",
                "{\"kind\":\"webpush\",\"endpoint\":\"https://push.example/a\",\"keys\":{\"p256dh\":\"AAAA\",\"auth\":\"BTBZMqHH6r4Tts7J_aSIgg\"}}",
                "{\"kind\":\"webpush\",\"endpoint\":\"https://push.example/a\",\"keys\":{\"p256dh\":\"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4\",\"auth\":\"AAAA\"}}"
            })
    void whatIsNoChannelIsRefused(String request) {
        Answer answer = server.post(CHANNELS, anna, request);
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(400);
        assertThat(answer.string("message")).contains("expected");
        assertThat(channels(anna)).isEmpty();
    }

    @Test
    void strangersBoxesAreNotFilled() throws Exception {
        try (MailServer mail = new MailServer()) {
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Person person = server.startFamily("Eve");
                statuses.add(server.post(
                                CHANNELS,
                                person,
                                "{\"kind\":\"email\",\"address\":\"Stranger." + anna.id() + "@family.example\"}")
                        .status());
            }
            assertThat(statuses).containsExactly(201, 201, 201, 429);
            for (int i = 0; i < 3; i++) {
                mail.next();
            }
        }
    }

    @Test
    void whoTakesTheirDataAlongTakesTheseToo() throws Exception {
        String id = webhook(anna, "/export");
        test(anna, id);
        HttpResponse<byte[]> export = java.net.http.HttpClient.newHttpClient()
                .send(
                        server.request("/api/users/" + anna.id() + "/export", anna)
                                .GET()
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        List<String> found = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(new java.io.ByteArrayInputStream(export.body()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String text = new String(zip.readAllBytes(), StandardCharsets.UTF_8);
                if (text.contains("This is a test") || text.contains(receiver.url("/export"))) {
                    found.add(entry.getName());
                }
            }
        }
        assertThat(found).containsExactly("notifications.json", "notification-channels.json");
    }

    private Answer add(Person person, JsonObject request) {
        Answer answer = server.post(CHANNELS, person, request.toString());
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(201);
        return answer;
    }

    private String webhook(Person person, String path) {
        return add(
                        person,
                        Json.createObjectBuilder()
                                .add("kind", "webhook")
                                .add("url", receiver.url(path))
                                .build())
                .string("id");
    }

    private Answer confirm(Person person, String id, String code) {
        return server.post(CHANNELS + "/" + id + "/confirm", person, "{\"code\":\"" + code + "\"}");
    }

    private void test(Person person, String id) {
        assertThat(server.post(CHANNELS + "/" + id + "/test", person, "").status())
                .isEqualTo(202);
    }

    private List<JsonObject> channels(Person person) {
        Answer answer = server.get(CHANNELS, person);
        return answer.status() == 401
                ? List.of()
                : answer.json().getJsonArray("channels").getValuesAs(JsonObject.class);
    }

    private Got await(String path) {
        Server.await(
                "something comes to " + path, SOON, () -> !receiver.got(path).isEmpty());
        return receiver.got(path).get(0);
    }

    /** As much of SMTP (RFC 5321) as a mail needs. */
    private static final class MailServer implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(SMTP_PORT, 50, InetAddress.getLoopbackAddress());
        private final BlockingQueue<String> mails = new LinkedBlockingQueue<>();

        MailServer() throws IOException {
            Thread thread = new Thread(() -> {
                try {
                    while (true) {
                        try (Socket peer = socket.accept()) {
                            talk(peer);
                        }
                    }
                } catch (IOException e) {
                    // It is closed.
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        private void talk(Socket peer) throws IOException {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.UTF_8));
            say(peer, "220 mail");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("DATA")) {
                    say(peer, "354 go on");
                    StringBuilder mail = new StringBuilder();
                    for (String text = in.readLine(); !text.equals("."); text = in.readLine()) {
                        mail.append(text).append('\n');
                    }
                    mails.add(mail.toString());
                }
                say(peer, line.equals("QUIT") ? "221 bye" : "250 fine");
            }
        }

        private static void say(Socket peer, String line) throws IOException {
            peer.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        }

        String next() throws InterruptedException {
            String mail = mails.poll(20, TimeUnit.SECONDS);
            assertThat(mail).as("a mail").isNotNull();
            return mail;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
