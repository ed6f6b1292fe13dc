package org.draugar.transport;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * What the container reads a WebSocket's frames from: large ones come in fragments, as from an intermediary (RFC 6455,
 * 5.4). Tyrus waits until it has a frame whole, and gives up where its buffer has no room for it; so it never has to,
 * and whoever listens counts what comes, and says what was too much. Frames that are not masked, which Tyrus takes, come
 * with a reserved bit, which it refuses (5.1). For the thread that reads.
 */
final class FragmentedInput extends ServletInputStream {
    /** Most bytes of a fragment; a multiple of the mask's four, so that each begins with the same mask. */
    private static final int MAX = 8 * 1024;

    private static final int FIN = 0x80;
    private static final int RESERVED = 0x40;
    private static final int CONTINUATION = 0x00;
    private static final int CONTROL = 0x08;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7f;
    /** In place of a length: it follows in two bytes, or in eight. */
    private static final int IN_TWO_BYTES = 126;

    private static final int IN_EIGHT_BYTES = 127;
    private static final int LONGEST_HEADER = 14;
    private static final int MASK_BYTES = 4;
    private static final int BYTE = 0xff;
    private static final byte[] NOTHING = {};

    private final ServletInputStream in;

    /** The header of the current frame, as far as it has come. */
    private final byte[] header = new byte[LONGEST_HEADER];

    private int headerBytes;
    /** How much of the current frame's payload is still to come, and of the current fragment's. */
    private long left;

    private int leftOfFragment;

    /** What has come and was not asked for yet. */
    private byte[] ready = NOTHING;

    private int given;

    FragmentedInput(ServletInputStream in) {
        this.in = in;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (given == ready.length) {
            int count = in.read(bytes, offset, Math.min(length, MAX));
            if (count <= 0 || passes(bytes, offset, count)) {
                return count;
            }
            ready = fragments(Arrays.copyOfRange(bytes, offset, offset + count), count);
            given = 0;
        }
        int count = Math.min(length, ready.length - given);
        System.arraycopy(ready, given, bytes, offset, count);
        given += count;
        if (given == ready.length) {
            // Thousands of connections have nothing to say.
            ready = NOTHING;
            given = 0;
        }
        return count;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int count = read(one, 0, 1);
        return count <= 0 ? -1 : one[0] & BYTE;
    }

    @Override
    public int available() throws IOException {
        return given < ready.length ? ready.length - given : in.available();
    }

    @Override
    public boolean isReady() {
        return given < ready.length || in.isReady();
    }

    @Override
    public boolean isFinished() {
        return given == ready.length && in.isFinished();
    }

    @Override
    public void setReadListener(ReadListener listener) {
        in.setReadListener(listener);
    }

    /**
     * Whether what has come may go on as it is, which is nearly always so: small masked frames, none of whose headers is
     * cut off at the end. Then it is noted where it ends.
     */
    private boolean passes(byte[] bytes, int offset, int count) {
        if (headerBytes > 0 || left != leftOfFragment) {
            return false;
        }
        long rest = left;
        int i = 0;
        while (rest < count - i) {
            i += (int) rest;
            if (count - i < 2 + MASK_BYTES || (bytes[offset + i + 1] & MASKED) == 0) {
                return false;
            }
            rest = bytes[offset + i + 1] & LENGTH;
            i += 2 + MASK_BYTES;
            if (rest == IN_TWO_BYTES) {
                rest = (bytes[offset + i - MASK_BYTES] & BYTE) << Byte.SIZE | bytes[offset + i - MASK_BYTES + 1] & BYTE;
                i += Short.BYTES;
            } else if (rest == IN_EIGHT_BYTES) {
                return false;
            }
            if (i > count || rest > MAX) {
                return false;
            }
        }
        left = rest - (count - i);
        leftOfFragment = (int) left;
        return true;
    }

    private byte[] fragments(byte[] bytes, int count) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(count + LONGEST_HEADER);
        int i = 0;
        while (i < count) {
            if (left == 0) {
                header[headerBytes++] = bytes[i++];
                if (headerBytes == headerLength()) {
                    begin(out);
                }
            } else {
                if (leftOfFragment == 0) {
                    fragment(out, CONTINUATION);
                }
                int some = Math.min(leftOfFragment, count - i);
                out.write(bytes, i, some);
                i += some;
                left -= some;
                leftOfFragment -= some;
            }
            if (left == 0 && headerBytes == headerLength()) {
                headerBytes = 0;
            }
        }
        return out.toByteArray();
    }

    /** How long the header is, as far as that can be known from what has come of it. */
    private int headerLength() {
        return headerBytes < 2 ? 2 : 2 + lengthBytes() + maskBytes();
    }

    private int lengthBytes() {
        return switch (header[1] & LENGTH) {
            case IN_TWO_BYTES -> Short.BYTES;
            case IN_EIGHT_BYTES -> Long.BYTES;
            default -> 0;
        };
    }

    private int maskBytes() {
        return (header[1] & MASKED) == 0 ? 0 : MASK_BYTES;
    }

    private void begin(ByteArrayOutputStream out) {
        left = length();
        if (maskBytes() == 0 || left < 0) {
            // It ends with this.
            header[0] |= RESERVED;
            left = Math.max(0, left);
        }
        if ((header[0] & CONTROL) == 0) {
            fragment(out, header[0]);
        } else {
            // Never in fragments, and refused where it is long.
            out.write(header, 0, headerBytes);
            leftOfFragment = (int) Math.min(left, Integer.MAX_VALUE);
        }
    }

    private long length() {
        if (lengthBytes() == 0) {
            return header[1] & LENGTH;
        }
        long length = 0;
        for (int i = 2; i < 2 + lengthBytes(); i++) {
            length = length << Byte.SIZE | header[i] & BYTE;
        }
        return length;
    }

    /** Begins a fragment of the frame. @param first its first byte; the frame's own says whether more are to come */
    private void fragment(ByteArrayOutputStream out, int first) {
        leftOfFragment = (int) Math.min(left, MAX);
        int end = leftOfFragment == left ? header[0] & FIN : 0;
        out.write(first & ~FIN | end);
        int mask = header[1] & MASKED;
        if (leftOfFragment < IN_TWO_BYTES) {
            out.write(mask | leftOfFragment);
        } else {
            out.write(mask | IN_TWO_BYTES);
            out.write(leftOfFragment >> Byte.SIZE);
            out.write(leftOfFragment);
        }
        out.write(header, headerBytes - maskBytes(), maskBytes());
    }
}
