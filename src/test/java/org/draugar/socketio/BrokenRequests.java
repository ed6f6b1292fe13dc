package org.draugar.socketio;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.draugar.support.Extent;

/**
 * Says to an engine what no client would: requests, bodies, packets and frames that are right but for what chance did to
 * them. A seed gives the same again, but for the order in which threads come.
 */
final class BrokenRequests implements Callable<Void> {
    private static final int THREADS = 4;
    private static final int PATIENCE_MILLIS = 30_000;

    private static final List<String> METHODS =
            List.of("GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW");
    private static final List<String> PARAMETERS = List.of(
            "EIO=4",
            "EIO=3",
            "EIO=",
            "EIO=%zz",
            "EIO=4&EIO=3",
            "transport=polling",
            "transport=websocket",
            "transport",
            "transport=flashsocket",
            "transport=%00",
            "sid=",
            "sid=nobody",
            "sid=%c3%28",
            "sid=" + "a".repeat(3000),
            "t=1",
            "b64=1",
            "j=0",
            "&&==&",
            "%",
            "\u00e9=\u00e9");
    private static final List<String> PACKETS = List.of(
            "",
            "0{}",
            "1",
            "2",
            "2probe",
            "3",
            "3probe",
            "4",
            "5",
            "6",
            "7",
            "bAQIDBA==",
            "b*",
            "40",
            "40{}",
            "40/custom,",
            "40{\"token\":\"abc\",\"pid\":\"x\",\"offset\":\"1\"}",
            "41",
            "41/custom,",
            "42[\"message\",1,\"2\",{\"3\":[true]}]",
            "4212[\"message-with-ack\",1]",
            "42[\"location:subscribe\"]",
            "427[\"location:update\",{\"latitude\":1,\"longitude\":2,\"timestamp\":\"2026-11-23T08:00:00Z\"}]",
            "42[\"location:update\",{\"v\":1,\"n\":\"n\",\"c\":\"c\"}]",
            "42[\"connect\"]",
            "42[{}]",
            "42[1e999]",
            "42[\"a\",\"\\ud800\"]",
            "42[\"a\",\"\ud800\"]",
            "42/x,[\"a\"]",
            "430[1]",
            "44{}",
            "451-[\"message\",{\"_placeholder\":true,\"num\":0}]",
            "452-9[\"message-with-ack\",{\"num\":-1}]",
            "4599999999999-[\"a\"]",
            "461-0[{\"_placeholder\":true,\"num\":0}]",
            "429999999999999999999[\"a\"]",
            "42[\"a\"," + "[".repeat(3000) + "]".repeat(3000) + "]",
            "42[\"" + "a".repeat(20_000) + "\"]");
    private static final String STRANGE = "\u0000\u001e\u007f\u00e9\ud800\uffff{}[]\"\\,:-/+b0123456789 e.";

    private final URI path;
    private final String connect;
    private final Random random;
    private final int most;
    private int made;

    private BrokenRequests(URI path, String connect, long seed, int most) {
        this.path = path;
        this.connect = connect;
        this.random = new Random(seed);
        this.most = most;
    }

    /**
     * Makes noise from several threads.
     *
     * @param path of the engine
     * @param connect a packet that lets a session in
     * @param count of requests, packets and frames
     */
    static void make(URI path, String connect, int count) throws Exception {
        long seed = Extent.seed(count + " strange things to " + path.getPath());
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<BrokenRequests> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                all.add(new BrokenRequests(path, connect, seed + i, count / THREADS));
            }
            for (Future<Void> thread : threads.invokeAll(all)) {
                thread.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    @Override
    public Void call() throws IOException {
        while (made < most) {
            switch (random.nextInt(4)) {
                case 0 -> strays();
                case 1 -> polling();
                case 2 -> webSocket("EIO=4&transport=websocket");
                default -> both();
            }
        }
        return null;
    }

    /** Requests that belong to nothing. */
    private void strays() throws IOException {
        for (int i = random.nextInt(20); i >= 0; i--) {
            StringBuilder query = new StringBuilder("?");
            for (int j = random.nextInt(5); j >= 0; j--) {
                query.append(pick(PARAMETERS)).append('&');
            }
            String head = random.nextInt(4) > 0
                    ? ""
                    : "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                            + (random.nextBoolean() ? "Sec-WebSocket-Key: x\r\n" : "Sec-WebSocket-Version: 99\r\n");
            String below = random.nextInt(5) == 0 ? "x/../" : "";
            made++;
            ask(pick(METHODS), path.getPath() + below + query, head, bytes(body()));
        }
    }

    private void polling() throws IOException {
        String sid = open();
        List<Socket> polls = new ArrayList<>();
        try {
            if (random.nextBoolean()) {
                post(sid, bytes(connect));
            }
            for (int i = random.nextInt(15); i >= 0; i--) {
                made++;
                if (random.nextInt(3) > 0) {
                    post(sid, bytes(body()));
                } else if (random.nextInt(3) > 0) {
                    polls.add(begin("GET", path.getPath() + "?" + session("polling", sid), "", new byte[0]));
                } else {
                    // Less than it promises.
                    String target = path.getPath() + "?" + session("polling", sid);
                    polls.add(begin("POST", target, "Content-Length: 9999\r\n", new byte[] {'4'}));
                }
            }
        } finally {
            close(polls);
        }
    }

    /** A session on its way from one carrier to the other, saying things on both. */
    private void both() throws IOException {
        String sid = open();
        post(sid, bytes(random.nextBoolean() ? connect : "40"));
        List<Socket> polls = new ArrayList<>();
        try (Socket socket = upgrade(session("websocket", sid))) {
            for (int i = random.nextInt(12); socket != null && i >= 0; i--) {
                made++;
                switch (random.nextInt(5)) {
                    case 0 -> polls.add(begin("GET", path.getPath() + "?" + session("polling", sid), "", new byte[0]));
                    case 1 -> post(sid, bytes(body()));
                    case 2 -> frame(socket, 1, "2probe".getBytes(StandardCharsets.UTF_8));
                    case 3 -> frame(socket, 1, "5".getBytes(StandardCharsets.UTF_8));
                    default -> anyFrame(socket);
                }
            }
        } catch (IOException e) {
            // The server has hung up, as it may.
        } finally {
            close(polls);
        }
    }

    private void webSocket(String query) throws IOException {
        try (Socket socket = upgrade(query)) {
            if (socket != null && random.nextBoolean()) {
                frame(socket, 1, bytes(connect));
            }
            for (int i = random.nextInt(20); socket != null && i >= 0; i--) {
                made++;
                anyFrame(socket);
            }
        } catch (IOException e) {
            // The server has hung up, as it may.
        }
    }

    private void anyFrame(Socket socket) throws IOException {
        switch (random.nextInt(12)) {
            case 0 -> {
                byte[] bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
                socket.getOutputStream().write(bytes);
            }
            case 1 -> frame(socket, random.nextInt(16), bytes(packet()));
            case 2 -> frame(socket, 2, bytes(body()));
            case 3 -> {
                byte[] bytes = new byte[random.nextInt(50)];
                random.nextBytes(bytes);
                // Mostly no UTF-8.
                frame(socket, 1, bytes);
            }
            case 4 -> frame(socket, 8, new byte[] {(byte) random.nextInt(256), (byte) random.nextInt(256)});
            default -> frame(socket, 1, bytes(packet()));
        }
    }

    /** A packet as somebody drunk would write it. */
    private String packet() {
        StringBuilder packet = new StringBuilder(pick(PACKETS));
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(packet.length() + 1);
            switch (random.nextInt(4)) {
                case 0 -> packet.insert(at, STRANGE.charAt(random.nextInt(STRANGE.length())));
                case 1 -> packet.setLength(at);
                case 2 -> packet.delete(at, Math.min(packet.length(), at + 1 + random.nextInt(3)));
                default -> packet.insert(at, packet.substring(at, Math.min(packet.length(), at + random.nextInt(9))));
            }
        }
        return packet.toString();
    }

    private String body() {
        if (random.nextInt(200) == 0) {
            return "4" + "a".repeat(1_100_000);
        }
        StringBuilder body = new StringBuilder(packet());
        for (int i = random.nextInt(4); i > 0; i--) {
            body.append('\u001e').append(packet());
        }
        return body.toString();
    }

    /** In UTF-8, or now and then not. */
    private byte[] bytes(String text) {
        return text.getBytes(random.nextInt(10) == 0 ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8);
    }

    private String open() throws IOException {
        String answer = ask("GET", path.getPath() + "?EIO=4&transport=polling", "", new byte[0]);
        return answer.replaceFirst("(?s).*\"sid\":\"([^\"]+)\".*", "$1");
    }

    private void post(String sid, byte[] body) throws IOException {
        ask("POST", path.getPath() + "?" + session("polling", sid), "", body);
    }

    private static String session(String transport, String sid) {
        return "EIO=4&transport=" + transport + "&sid=" + sid;
    }

    /** A whole request; gives the whole answer. */
    private String ask(String method, String target, String head, byte[] body) throws IOException {
        try (Socket socket = begin(method, target, head + "Content-Length: " + body.length + "\r\n", body)) {
            String start = new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
            // A WebSocket would not end.
            return start.endsWith("101")
                    ? ""
                    : start + new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (SocketException e) {
            // Reset, because it did not read all of what it refused.
            return "";
        }
    }

    private Socket begin(String method, String target, String head, byte[] body) throws IOException {
        Socket socket = new Socket(path.getHost(), path.getPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        try {
            socket.getOutputStream()
                    .write((method + " " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + head + "\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(body);
        } catch (SocketException e) {
            // Refused before it was said.
        }
        return socket;
    }

    /** A WebSocket, or null where it is refused. */
    private Socket upgrade(String query) throws IOException {
        Socket socket = new Socket(path.getHost(), path.getPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.getOutputStream()
                .write(("GET " + path.getPath() + "?" + query + " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        for (int c = 0; c >= 0 && !head.toString().endsWith("\r\n\r\n"); ) {
            c = in.read();
            head.append((char) c);
        }
        if (head.toString().startsWith("HTTP/1.1 101")) {
            return socket;
        }
        socket.close();
        return null;
    }

    /** A frame (RFC 6455, 5.2), masked with zeros, now and then not masked or not the last. */
    private void frame(Socket socket, int opcode, byte[] payload) throws IOException {
        int first = opcode | (random.nextInt(20) == 0 ? 0 : 0x80);
        int mask = random.nextInt(30) == 0 ? 0 : 0x80;
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 14).put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) (mask | payload.length));
        } else if (payload.length < 65536) {
            frame.put((byte) (mask | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (mask | 127)).putLong(payload.length);
        }
        if (mask != 0) {
            frame.putInt(0);
        }
        frame.put(payload);
        socket.getOutputStream().write(frame.array(), 0, frame.position());
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private static void close(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
