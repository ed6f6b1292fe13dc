package org.draugar.websocket;

import static org.draugar.websocket.RawWebSocket.BINARY;
import static org.draugar.websocket.RawWebSocket.CLOSE;
import static org.draugar.websocket.RawWebSocket.CONTINUATION;
import static org.draugar.websocket.RawWebSocket.FIN;
import static org.draugar.websocket.RawWebSocket.PING;
import static org.draugar.websocket.RawWebSocket.PONG;
import static org.draugar.websocket.RawWebSocket.TEXT;
import static org.draugar.websocket.RawWebSocket.claim;
import static org.draugar.websocket.RawWebSocket.frame;
import static org.draugar.websocket.RawWebSocket.join;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.draugar.websocket.RawWebSocket.Frame;

/**
 * What RFC 6455 asks of a server, in the order of the well-known list of cases: framing, pings, reserved bits, opcodes,
 * fragments, UTF-8, the goodbye; and masks and limits.
 */
final class Rfc6455 {
    static final String RIGHT = "right";
    private static final byte[] NOTHING = {};
    private static final int NORMAL = 1000;
    private static final int PROTOCOL_ERROR = 1002;
    private static final int NOT_UTF8 = 1007;
    private static final int TOO_BIG = 1009;

    private final Peer peer;
    private final List<Case> cases = new ArrayList<>();

    /** What is behind a WebSocket, as far as the cases need to know. */
    interface Peer {
        RawWebSocket connect() throws IOException;

        /** A text message of so many bytes that is answered. */
        String message(int bytes);

        /** What it is answered with. */
        String answer(String message);

        /** A message with this in it that is answered somehow. */
        String with(String some);

        /** Most bytes of a message. */
        int most();

        /** Whether binary messages come back as they are. */
        boolean echoesBinary();
    }

    /**
     * One case.
     *
     * @param bytes what is sent
     * @param atATime how many bytes at once
     * @param later what is sent once the answer begins to come
     * @param answers what is to come back, in this order; null for one text, whatever it says
     * @param codes how the server may close then; empty where it goes on and closes when it is asked to
     */
    record Case(String name, byte[] bytes, int atATime, byte[] later, List<Frame> answers, Set<Integer> codes) {

        /** @return {@link #RIGHT}, or what happened instead, in a few words */
        String run(Peer peer) throws IOException {
            try (RawWebSocket socket = peer.connect()) {
                try {
                    socket.send(bytes, atATime);
                    if (later.length > 0) {
                        socket.awaitSomething();
                        socket.send(later);
                    }
                } catch (IOException e) {
                    // The server has seen enough; what it said of it is still to be read.
                }
                for (Frame answer : answers) {
                    Frame frame = next(socket);
                    if (frame == null || !(answer == null ? frame.is(TEXT) : same(frame, answer))) {
                        return describe(frame);
                    }
                }
                Set<Integer> welcome = codes;
                if (codes.isEmpty()) {
                    socket.send(goodbye(NORMAL, ""));
                    welcome = Set.of(NORMAL);
                }
                Frame last = next(socket);
                if (last == null || !last.is(CLOSE) || !welcome.contains(last.closeCode())) {
                    return describe(last);
                }
                if (!codes.isEmpty()) {
                    answer(socket, CLOSE, last);
                }
                return next(socket) == null ? RIGHT : "more after the goodbye";
            } catch (SocketTimeoutException e) {
                return "silence";
            }
        }

        private static void answer(RawWebSocket socket, int opcode, Frame asked) {
            try {
                socket.send(frame(FIN | opcode, asked.payload()));
            } catch (IOException e) {
                // It has hung up already, as a server may.
            }
        }

        private static Frame next(RawWebSocket socket) throws IOException {
            Frame frame = socket.next();
            while (frame != null && frame.is(PING)) {
                answer(socket, PONG, frame);
                frame = socket.next();
            }
            return frame;
        }

        private static boolean same(Frame a, Frame b) {
            return a.first() == b.first() && Arrays.equals(a.payload(), b.payload());
        }

        private static String describe(Frame frame) {
            if (frame == null) {
                return "hangs up";
            }
            return frame.is(CLOSE)
                    ? "closes with " + frame.closeCode()
                    : "opcode " + Integer.toHexString(frame.first()) + " with " + frame.payload().length + " bytes";
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private Rfc6455(Peer peer) {
        this.peer = peer;
        framing();
        pings();
        reservedBits();
        opcodes();
        fragments();
        utf8();
        goodbyes();
        masks();
        limits();
    }

    static Stream<Case> cases(Peer peer) {
        return new Rfc6455(peer).cases.stream();
    }

    private void framing() {
        for (int size : new int[] {16, 125, 126, 127, 128, 1000, 4096, 65_535, 65_536, 70_000, 200_000}) {
            if (size <= peer.most()) {
                String text = peer.message(size);
                answered("framing: text of " + size, text);
                chopped("framing: text of " + size, 997, frame(FIN | TEXT, text), List.of(text(peer.answer(text))));
            }
        }
        String text = peer.message(130);
        for (int atATime : new int[] {1, 2, 7}) {
            chopped("framing: text of 130", atATime, frame(FIN | TEXT, text), List.of(text(peer.answer(text))));
        }
        if (!peer.echoesBinary()) {
            fails("framing: binary where text is expected", Set.of(4400, 1003), frame(FIN | BINARY, new byte[3]));
            return;
        }
        for (int size : new int[] {1, 125, 126, 127, 128, 65_535, 65_536, 131_072}) {
            byte[] bytes = new byte[size];
            for (int i = 0; i < size; i++) {
                bytes[i] = (byte) (i * 31);
            }
            goesOn("framing: binary of " + size, List.of(new Frame(FIN | BINARY, bytes)), frame(FIN | BINARY, bytes));
            chopped(
                    "framing: binary of " + size,
                    997,
                    frame(FIN | BINARY, bytes),
                    List.of(new Frame(FIN | BINARY, bytes)));
        }
        // The second shows that the server did not hang up behind the first.
        byte[] large = frame(FIN | BINARY, new byte[peer.most() - 1]);
        byte[] small = frame(FIN | BINARY, new byte[3]);
        goesOn(
                "framing: the largest binary, and a small one",
                List.of(new Frame(FIN | BINARY, new byte[peer.most() - 1]), new Frame(FIN | BINARY, new byte[3])),
                large,
                small);
    }

    private void pings() {
        byte[] odd = {0, (byte) 0xff, (byte) 0xfe, (byte) 0xfd, (byte) 0xfc, (byte) 0xfb, 0, (byte) 0xff};
        for (byte[] payload : List.of(new byte[0], bytes("hello"), odd, new byte[124], new byte[125])) {
            Frame pong = new Frame(FIN | PONG, payload);
            goesOn("pings: of " + payload.length, List.of(pong), frame(FIN | PING, payload));
            chopped("pings: of " + payload.length, 1, frame(FIN | PING, payload), List.of(pong));
        }
        protocolError("pings: of 126", frame(FIN | PING, new byte[126]));
        protocolError("pings: a pong of 126", frame(FIN | PONG, new byte[126]));
        protocolError("pings: of 70000", frame(FIN | PING, new byte[70_000]));
        goesOn("pings: a pong that nobody asked for", List.of(), frame(FIN | PONG, ""));
        goesOn("pings: a pong that nobody asked for, with a payload", List.of(), frame(FIN | PONG, "unasked"));
        goesOn(
                "pings: one behind such a pong",
                List.of(new Frame(FIN | PONG, bytes("x"))),
                frame(FIN | PONG, "unasked"),
                frame(FIN | PING, "x"));
        byte[][] pings = new byte[10][];
        List<Frame> pongs = new ArrayList<>();
        for (int i = 0; i < pings.length; i++) {
            pings[i] = frame(FIN | PING, "ping " + i);
            pongs.add(new Frame(FIN | PONG, bytes("ping " + i)));
        }
        goesOn("pings: ten", pongs, pings);
        chopped("pings: ten", 1, join(pings), pongs);
        String text = peer.message(50);
        goesOn(
                "pings: between messages",
                List.of(text(peer.answer(text)), new Frame(FIN | PONG, bytes("x")), text(peer.answer(text))),
                frame(FIN | TEXT, text),
                frame(FIN | PING, "x"),
                frame(FIN | TEXT, text));
    }

    private void reservedBits() {
        String text = peer.message(50);
        for (int bits = 1; bits <= 7; bits++) {
            int reserved = bits << 4;
            protocolError("reserved bits: " + bits + " of a text", frame(FIN | reserved | TEXT, text));
            protocolError("reserved bits: " + bits + " of a ping", frame(FIN | reserved | PING, "x"));
            fails(
                    "reserved bits: " + bits + " behind a message",
                    List.of(text(peer.answer(text))),
                    Set.of(PROTOCOL_ERROR),
                    frame(FIN | TEXT, text),
                    frame(FIN | reserved | TEXT, text));
            protocolError(
                    "reserved bits: " + bits + " of a continuation",
                    frame(TEXT, text),
                    frame(FIN | reserved | CONTINUATION, ""));
        }
        protocolError("reserved bits: 4 of a binary", frame(FIN | 0x40 | BINARY, "x"));
        protocolError("reserved bits: 4 of a pong", frame(FIN | 0x40 | PONG, "x"));
        protocolError("reserved bits: 7 of a goodbye", frame(FIN | 0x70 | CLOSE, new byte[] {3, (byte) 0xe8}));
        protocolError("reserved bits: 4 of a text of 70000", frame(FIN | 0x40 | TEXT, new byte[70_000]));
    }

    private void opcodes() {
        String text = peer.message(50);
        for (int opcode : new int[] {3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf}) {
            String name = "opcodes: " + Integer.toHexString(opcode);
            protocolError(name, frame(FIN | opcode, ""));
            protocolError(name + " with a payload", frame(FIN | opcode, "x"));
            fails(
                    name + " behind a message",
                    List.of(text(peer.answer(text))),
                    Set.of(PROTOCOL_ERROR),
                    frame(FIN | TEXT, text),
                    frame(FIN | opcode, ""),
                    frame(FIN | PING, ""));
        }
    }

    private void fragments() {
        String text = peer.message(60);
        List<Frame> answer = List.of(text(peer.answer(text)));
        String one = text.substring(0, 7);
        String two = text.substring(7, 30);
        String three = text.substring(30);
        byte[] first = frame(TEXT, one);
        byte[] middle = frame(CONTINUATION, two);
        byte[] last = frame(FIN | CONTINUATION, three);
        Frame pong = new Frame(FIN | PONG, bytes("x"));
        byte[] ping = frame(FIN | PING, "x");
        goesOn("fragments: two", answer, first, frame(FIN | CONTINUATION, two + three));
        goesOn("fragments: three", answer, first, middle, last);
        chopped("fragments: three", 1, join(first, middle, last), answer);
        goesOn("fragments: with a ping between", List.of(pong, answer.get(0)), first, ping, middle, last);
        chopped(
                "fragments: with pings between",
                1,
                join(first, ping, middle, ping, last),
                List.of(pong, pong, answer.get(0)));
        goesOn("fragments: with a pong between", answer, first, frame(FIN | PONG, "x"), middle, last);
        goesOn(
                "fragments: an empty one first",
                answer,
                frame(TEXT, ""),
                frame(CONTINUATION, one + two),
                frame(FIN | CONTINUATION, three));
        goesOn(
                "fragments: empty ones between and last",
                answer,
                first,
                frame(CONTINUATION, ""),
                frame(CONTINUATION, two + three),
                frame(FIN | CONTINUATION, ""));
        ByteArrayOutputStream single = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            int end = i == text.length() - 1 ? FIN : 0;
            single.writeBytes(frame(end | (i == 0 ? TEXT : CONTINUATION), text.substring(i, i + 1)));
        }
        goesOn("fragments: of one byte each", answer, single.toByteArray());
        goesOn(
                "fragments: two messages of them",
                List.of(answer.get(0), answer.get(0)),
                first,
                middle,
                last,
                first,
                middle,
                last);
        protocolError("fragments: of a ping", frame(PING, "x"), frame(FIN | CONTINUATION, "x"));
        protocolError("fragments: of a pong", frame(PONG, "x"), frame(FIN | CONTINUATION, "x"));
        protocolError("fragments: of a goodbye", frame(CLOSE, new byte[] {3, (byte) 0xe8}));
        protocolError("fragments: a continuation of nothing", last);
        protocolError("fragments: a continuation of nothing, not the last", middle);
        fails(
                "fragments: a continuation behind a message",
                answer,
                Set.of(PROTOCOL_ERROR),
                frame(FIN | TEXT, text),
                last);
        protocolError("fragments: a text in the middle", first, frame(FIN | TEXT, text));
        protocolError("fragments: a binary in the middle", first, frame(FIN | BINARY, "x"));
        protocolError("fragments: a text's beginning in the middle", first, middle, first);
        int size = Math.min(peer.most(), 150_000);
        String large = peer.message(size);
        byte[] utf8 = bytes(large);
        ByteArrayOutputStream burst = new ByteArrayOutputStream();
        for (int i = 0; i < size; i += 1000) {
            int end = i + 1000 >= size ? FIN : 0;
            burst.writeBytes(
                    frame(end | (i == 0 ? TEXT : CONTINUATION), Arrays.copyOfRange(utf8, i, Math.min(size, i + 1000))));
        }
        goesOn("fragments: a burst of " + size, List.of(text(peer.answer(large))), burst.toByteArray());
        chopped("fragments: a burst of " + size, 1300, burst.toByteArray(), List.of(text(peer.answer(large))));
    }

    private void utf8() {
        List<String> good = List.of(
                "κόσμε",
                "\u0000",
                "\u007f",
                "\u0080",
                "\u07ff",
                "\u0800",
                "\ud7ff",
                "\ue000",
                "\ufffd",
                "\ufffe",
                "\uffff",
                "\ud800\udc00",
                "\ud83d\ude97",
                "\udbff\udfff",
                "\ufdd0",
                "Hello-µ@ßöäüàá-UTF-8!!");
        for (String some : good) {
            String name = "UTF-8: "
                    + some.codePoints().limit(6).mapToObj(Integer::toHexString).collect(Collectors.joining(" "));
            String text = peer.with(some);
            List<Frame> answer = answerWith(text);
            goesOn(name, answer, frame(FIN | TEXT, text));
            byte[] utf8 = bytes(text);
            ByteArrayOutputStream single = new ByteArrayOutputStream();
            for (int i = 0; i < utf8.length; i++) {
                int end = i == utf8.length - 1 ? FIN : 0;
                single.writeBytes(frame(end | (i == 0 ? TEXT : CONTINUATION), new byte[] {utf8[i]}));
            }
            goesOn(name + ", a byte a fragment", answer, single.toByteArray());
        }
        List<String> bad = List.of(
                "80",
                "bf",
                "8080",
                "c0",
                "c3",
                "e0",
                "e2",
                "e282",
                "f0",
                "f09f",
                "f09f9a",
                "f8",
                "fc",
                "fe",
                "ff",
                "c0af",
                "c1bf",
                "e080af",
                "e09fbf",
                "f08080af",
                "f08fbfbf",
                "f8808080af",
                "fc80808080af",
                "c080",
                "eda080",
                "edafbf",
                "edb080",
                "edbfbf",
                "eda080edb080",
                "f4908080",
                "f7bfbfbf",
                "fbbfbfbfbf",
                "fdbfbfbfbfbf",
                "cebae1bdb9cf83cebcceb5eda080656469746564",
                "c328",
                "e228a1",
                "f0288cbc");
        byte[] around = bytes(peer.with("|"));
        int middle = indexOf(around, '|');
        byte[] before = Arrays.copyOf(around, middle);
        byte[] after = Arrays.copyOfRange(around, middle + 1, around.length);
        for (String hex : bad) {
            byte[] some = HexFormat.of().parseHex(hex);
            String name = "UTF-8: bad " + hex;
            fails(name, Set.of(NOT_UTF8), frame(FIN | TEXT, join(before, some, after)));
            fails(
                    name + ", in fragments",
                    Set.of(NOT_UTF8),
                    frame(TEXT, before),
                    frame(CONTINUATION, some),
                    frame(FIN | CONTINUATION, after));
        }
        fails("UTF-8: cut off at the end", Set.of(NOT_UTF8), frame(FIN | TEXT, join(before, new byte[] {(byte) 0xe2})));
    }

    private void goodbyes() {
        if (peer.echoesBinary()) {
            byte[] large = new byte[900_000];
            cases.add(new Case(
                    "goodbyes: before a large answer was read",
                    frame(FIN | BINARY, large),
                    Integer.MAX_VALUE,
                    goodbye(NORMAL, ""),
                    List.of(new Frame(FIN | BINARY, large)),
                    Set.of(NORMAL)));
        }
        for (int code : new int[] {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
            fails("goodbyes: " + code, code == NORMAL ? Set.of(NORMAL) : Set.of(code, NORMAL), goodbye(code, ""));
            fails(
                    "goodbyes: " + code + " with words",
                    code == NORMAL ? Set.of(NORMAL) : Set.of(code, NORMAL),
                    goodbye(code, "bye, φίλε"));
        }
        for (int code : new int[] {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535}) {
            protocolError("goodbyes: invalid code " + code, goodbye(code, ""));
        }
        fails("goodbyes: without a code", Set.of(NORMAL, 1005), frame(FIN | CLOSE, ""));
        protocolError("goodbyes: of one byte", frame(FIN | CLOSE, "x"));
        fails("goodbyes: the longest words", Set.of(NORMAL), goodbye(NORMAL, "w".repeat(123)));
        protocolError("goodbyes: longer words", goodbye(NORMAL, "w".repeat(124)));
        byte[] bad = join(new byte[] {3, (byte) 0xe8}, HexFormat.of().parseHex("ceba80ff"));
        fails("goodbyes: words that are no UTF-8", Set.of(NOT_UTF8, PROTOCOL_ERROR), frame(FIN | CLOSE, bad));
        String text = peer.message(50);
        fails(
                "goodbyes: behind a message",
                List.of(text(peer.answer(text))),
                Set.of(NORMAL),
                frame(FIN | TEXT, text),
                goodbye(NORMAL, ""));
        fails("goodbyes: a message behind one", Set.of(NORMAL), goodbye(NORMAL, ""), frame(FIN | TEXT, text));
        fails("goodbyes: a ping behind one", Set.of(NORMAL), goodbye(NORMAL, ""), frame(FIN | PING, ""));
        fails("goodbyes: two", Set.of(NORMAL), goodbye(NORMAL, ""), goodbye(NORMAL, ""));
        fails("goodbyes: amid fragments", Set.of(NORMAL), frame(TEXT, "4"), goodbye(NORMAL, ""));
    }

    private void masks() {
        protocolError("masks: a text without", frame(FIN | TEXT, bytes(peer.message(50)), false));
        protocolError("masks: a ping without", frame(FIN | PING, bytes("x"), false));
        protocolError("masks: a text of 70000 without", frame(FIN | TEXT, new byte[70_000], false));
        String text = peer.message(50);
        byte[] zeros = new byte[6];
        zeros[0] = (byte) (FIN | TEXT);
        zeros[1] = (byte) (0x80 | bytes(text).length);
        goesOn("masks: of zeros", List.of(text(peer.answer(text))), zeros, bytes(text));
    }

    private void limits() {
        fails("limits: one byte too many", Set.of(TOO_BIG), frame(FIN | TEXT, peer.message(peer.most() + 1)));
        for (int size : new int[] {70_000, 200_000, 2_000_000}) {
            if (size > peer.most()) {
                fails("limits: a frame of " + size, Set.of(TOO_BIG), frame(FIN | TEXT, peer.message(size)));
                byte[] part = bytes("a".repeat(1000));
                byte[][] burst = new byte[size / 1000][];
                Arrays.fill(burst, frame(CONTINUATION, part));
                burst[0] = frame(TEXT, part);
                fails("limits: fragments of " + size, Set.of(TOO_BIG), burst);
            }
        }
        byte[] some = bytes("a".repeat(2 * peer.most()));
        for (int power : new int[] {31, 32, 62}) {
            fails("limits: a frame that claims 2^" + power, Set.of(TOO_BIG), claim(FIN | TEXT, 1L << power, some));
        }
        fails("limits: a length below zero", Set.of(PROTOCOL_ERROR, TOO_BIG), claim(FIN | TEXT, -1, some));
        // An intermediary may take the long way, too, so that a server had better be lenient (RFC 6455, 5.2).
        fails(
                "limits: an empty frame with a long length, then a goodbye",
                Set.of(NORMAL, PROTOCOL_ERROR),
                claim(FIN | PONG, 0, new byte[0]),
                goodbye(NORMAL, ""));
    }

    private void answered(String name, String text) {
        goesOn(name, List.of(text(peer.answer(text))), frame(FIN | TEXT, text));
    }

    private List<Frame> answerWith(String text) {
        String answer = peer.answer(text);
        return answer == null ? Arrays.asList((Frame) null) : List.of(text(answer));
    }

    private void goesOn(String name, List<Frame> answers, byte[]... sent) {
        cases.add(new Case(name, join(sent), Integer.MAX_VALUE, NOTHING, answers, Set.of()));
    }

    private void chopped(String name, int atATime, byte[] sent, List<Frame> answers) {
        cases.add(new Case(name + ", " + atATime + " at a time", sent, atATime, NOTHING, answers, Set.of()));
    }

    private void protocolError(String name, byte[]... sent) {
        fails(name, Set.of(PROTOCOL_ERROR), sent);
    }

    private void fails(String name, Set<Integer> codes, byte[]... sent) {
        fails(name, List.of(), codes, sent);
    }

    private void fails(String name, List<Frame> answers, Set<Integer> codes, byte[]... sent) {
        cases.add(new Case(name, join(sent), Integer.MAX_VALUE, NOTHING, answers, codes));
    }

    private static Frame text(String text) {
        return new Frame(FIN | TEXT, bytes(text));
    }

    private static byte[] goodbye(int code, String words) {
        return frame(FIN | CLOSE, join(new byte[] {(byte) (code >> 8), (byte) code}, bytes(words)));
    }

    private static int indexOf(byte[] bytes, char some) {
        int at = 0;
        while (bytes[at] != some) {
            at++;
        }
        return at;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
