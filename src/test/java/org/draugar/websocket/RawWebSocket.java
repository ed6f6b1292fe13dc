package org.draugar.websocket;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.draugar.support.Server;

/** A WebSocket byte by byte, which also says what no client would (RFC 6455). */
final class RawWebSocket implements AutoCloseable {
    static final int CONTINUATION = 0x0;
    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xa;
    static final int FIN = 0x80;

    /** Any that is not zero: a server that does not unmask is found out. */
    private static final byte[] MASK = {0x37, (byte) 0xfa, 0x21, 0x3d};

    private static final int MASKED = 0x80;
    private static final int HIGHEST_BYTE = 0xff;

    private final Socket socket;
    private final DataInputStream in;

    /**
     * A frame that came.
     *
     * @param first its first byte: the last of a message or not, reserved bits, opcode
     */
    record Frame(int first, byte[] payload) {
        boolean is(int opcode) {
            return first == (FIN | opcode);
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** The code of a goodbye; 1005 where there is none (RFC 6455, 7.1.5). */
        int closeCode() {
            return payload.length < 2 ? 1005 : (payload[0] & HIGHEST_BYTE) << 8 | payload[1] & HIGHEST_BYTE;
        }
    }

    /** @param headers lines of the request besides those that make it an upgrade, each with its end */
    RawWebSocket(Server server, String path, String headers, int patienceMillis) throws IOException {
        socket = new Socket(server.host(), server.port());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(patienceMillis);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        send(("GET " + path + " HTTP/1.1\r\nHost: " + server.host() + ":" + server.port()
                        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + headers + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        if (!head.toString().startsWith("HTTP/1.1 101 ")) {
            throw new IOException("Not let in: " + head);
        }
    }

    /** A frame as a client sends it. @param first its first byte, such as {@code FIN | TEXT} */
    static byte[] frame(int first, byte[] payload) {
        return frame(first, payload, true);
    }

    static byte[] frame(int first, String payload) {
        return frame(first, payload.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] frame(int first, byte[] payload, boolean masked) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        int mask = masked ? MASKED : 0;
        if (payload.length < 126) {
            frame.write(mask | payload.length);
        } else if (payload.length <= 0xffff) {
            frame.write(mask | 126);
            length(frame, payload.length, Short.BYTES);
        } else {
            frame.write(mask | 127);
            length(frame, payload.length, Long.BYTES);
        }
        if (masked) {
            mask(frame, payload);
        } else {
            frame.writeBytes(payload);
        }
        return frame.toByteArray();
    }

    /** A frame that claims to have so many bytes, in the longest form, whatever it has. */
    static byte[] claim(int first, long length, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        frame.write(MASKED | 127);
        length(frame, length, Long.BYTES);
        mask(frame, payload);
        return frame.toByteArray();
    }

    private static void mask(ByteArrayOutputStream frame, byte[] payload) {
        frame.writeBytes(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ MASK[i % MASK.length]);
        }
    }

    private static void length(ByteArrayOutputStream frame, long length, int bytes) {
        for (int i = bytes - 1; i >= 0; i--) {
            frame.write((int) (length >> i * Byte.SIZE));
        }
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Sends so many bytes at a time, each in a packet of its own as far as the kernel sees to it. */
    void send(byte[] bytes, int atATime) throws IOException {
        for (int i = 0; i < bytes.length; i += atATime) {
            socket.getOutputStream().write(bytes, i, Math.min(atATime, bytes.length - i));
        }
    }

    /** Waits until something comes, and leaves it there. */
    void awaitSomething() throws IOException {
        in.mark(1);
        in.read();
        in.reset();
    }

    /** @return null at the end of the stream @throws SocketTimeoutException where nothing comes */
    Frame next() throws IOException {
        try {
            int first = in.readUnsignedByte();
            long length = in.readUnsignedByte();
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            byte[] payload = new byte[(int) length];
            in.readFully(payload);
            return new Frame(first, payload);
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (EOFException e) {
            return null;
        } catch (IOException e) {
            // Reset by the server: an end too.
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
