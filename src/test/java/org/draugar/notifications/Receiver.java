package org.draugar.notifications;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** A push service, and whatever else notifications are posted to: it reads what it gets, and answers as it is told to. */
final class Receiver implements AutoCloseable {
    /** Instead of a status: it never answers. */
    static final int NOTHING = 0;
    /** Instead of a status: its answer never ends. */
    static final int ENDLESS = -1;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Got> got = new CopyOnWriteArrayList<>();
    private final Map<String, Queue<Integer>> once = new ConcurrentHashMap<>();
    private final Map<String, Integer> always = new ConcurrentHashMap<>();

    private volatile int everywhere = 201;

    /** A request. @param at in {@link System#nanoTime()} */
    record Got(String path, Map<String, List<String>> headers, byte[] body, int answer, long at) {
        String header(String name) {
            return headers.entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(header -> header.getValue().get(0))
                    .findFirst()
                    .orElse(null);
        }

        JsonObject json() {
            return Receiver.json(body);
        }

        boolean isTaken() {
            return answer >= 200 && answer < 300;
        }
    }

    /** A browser's subscription (RFC 8291). */
    record Subscription(String endpoint, KeyPair keys, byte[] auth) {
        JsonObject request() {
            return Json.createObjectBuilder()
                    .add("kind", "webpush")
                    .add("endpoint", endpoint)
                    .addNull("expirationTime")
                    .add(
                            "keys",
                            Json.createObjectBuilder()
                                    .add("p256dh", WebPush.base64(P256.bytes((ECPublicKey) keys.getPublic())))
                                    .add("auth", WebPush.base64(auth)))
                    .build();
        }

        /** RFC 8291, 3, from the other side. */
        JsonObject read(Got message) {
            ByteBuffer body = ByteBuffer.wrap(message.body());
            byte[] salt = take(body, 16);
            int record = body.getInt();
            byte[] from = take(body, body.get());
            byte[] encrypted = take(body, body.remaining());
            if (message.body().length > record) {
                throw new AssertionError("More than one record");
            }
            try {
                KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
                agreement.init(keys.getPrivate());
                agreement.doPhase(P256.publicKey(from), true);
                byte[] secret = hmac(auth, agreement.generateSecret());
                byte[] key = hmac(
                        secret,
                        "WebPush: info\0".getBytes(StandardCharsets.US_ASCII),
                        P256.bytes((ECPublicKey) keys.getPublic()),
                        from,
                        new byte[] {1});
                byte[] random = hmac(salt, key);
                byte[] contentKey = hmac(random, "Content-Encoding: aes128gcm\0\1".getBytes(StandardCharsets.US_ASCII));
                byte[] nonce = hmac(random, "Content-Encoding: nonce\0\1".getBytes(StandardCharsets.US_ASCII));
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
                cipher.init(
                        Cipher.DECRYPT_MODE,
                        new SecretKeySpec(contentKey, 0, 16, "AES"),
                        new GCMParameterSpec(128, nonce, 0, 12));
                byte[] padded = cipher.doFinal(encrypted);
                if (padded[padded.length - 1] != 2) {
                    throw new AssertionError("Not the last record");
                }
                return json(Arrays.copyOf(padded, padded.length - 1));
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }

        private static byte[] take(ByteBuffer from, int count) {
            byte[] bytes = new byte[count];
            from.get(bytes);
            return bytes;
        }

        private static byte[] hmac(byte[] key, byte[]... parts) throws GeneralSecurityException {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        }
    }

    Receiver(int port) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::take);
        server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        byte[] body = exchange.getRequestBody().readAllBytes();
        Queue<Integer> next = once.get(path);
        Integer planned = next == null ? null : next.poll();
        int answer = planned == null ? always.getOrDefault(path, everywhere) : planned;
        got.add(new Got(path, exchange.getRequestHeaders(), body, answer, System.nanoTime()));
        if (answer == NOTHING) {
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        } else if (answer == ENDLESS) {
            exchange.sendResponseHeaders(200, 0);
            while (closed.getCount() > 0) {
                exchange.getResponseBody().write(new byte[8192]);
            }
        } else {
            exchange.getResponseHeaders().set("Retry-After", "3");
            exchange.sendResponseHeaders(answer, -1);
        }
        exchange.close();
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    Subscription subscription(String path) {
        byte[] auth = new byte[16];
        new SecureRandom().nextBytes(auth);
        return new Subscription(url(path), P256.generate(), auth);
    }

    /** Answers so, one after the other, and then as always. */
    void answer(String path, Integer... statuses) {
        once.put(path, new ConcurrentLinkedQueue<>(List.of(statuses)));
    }

    void answerAlways(String path, int status) {
        always.put(path, status);
    }

    /** Answers so wherever nothing else is said. */
    void answerAlways(int status) {
        everywhere = status;
    }

    /** What has come to a path, in its order. */
    List<Got> got(String path) {
        return got.stream().filter(request -> request.path().equals(path)).toList();
    }

    List<Got> got() {
        return got;
    }

    static JsonObject json(byte[] bytes) {
        return Json.createReader(new StringReader(new String(bytes, StandardCharsets.UTF_8)))
                .readObject();
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
