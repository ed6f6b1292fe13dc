package org.draugar.formats;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * The characters of a file. Bytes that are none in the file's encoding are read as Windows-1252, which is what they
 * mostly are; byte order marks and zeros, which files have where a phone went down while it wrote, are left out.
 */
public final class LenientText extends Reader {
    private static final int BUFFER = 8192;
    private static final Charset WINDOWS = Charset.forName("windows-1252");
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final InputStream in;
    private final CharsetDecoder decoder;
    private final boolean bytewise;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).flip();
    private final CharBuffer chars = CharBuffer.allocate(BUFFER).flip();
    private boolean ended;
    private long line = 1;
    private long flawedLine;

    LenientText(InputStream in, Charset charset) {
        this.in = in;
        this.bytewise = !charset.equals(StandardCharsets.UTF_16BE) && !charset.equals(StandardCharsets.UTF_16LE);
        this.decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    /** That of a small file, in the encoding that its first bytes tell. */
    public static LenientText of(byte[] bytes) {
        return new LenientText(
                new ByteArrayInputStream(bytes), bytes.length < 2 ? StandardCharsets.UTF_8 : Importer.charset(bytes));
    }

    /** What there is from here on. */
    public String all() {
        StringWriter text = new StringWriter();
        try {
            transferTo(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** Where it first is not in the encoding that it should be, or 0 when it is. */
    public long flawedLine() {
        return flawedLine;
    }

    @Override
    public int read(char[] target, int start, int length) throws IOException {
        int count = 0;
        while (count == 0 && length > 0) {
            if (!chars.hasRemaining() && !fill()) {
                return -1;
            }
            while (count < length && chars.hasRemaining()) {
                char c = chars.get();
                line += c == '\n' ? 1 : 0;
                if (c != BYTE_ORDER_MARK && c != 0) {
                    target[start + count++] = c;
                }
            }
        }
        return count;
    }

    /** @return false at the end of the file */
    private boolean fill() throws IOException {
        chars.clear();
        while (chars.position() == 0) {
            CoderResult result = decoder.decode(bytes, chars, ended);
            if (result.isError()) {
                foreign(result.length());
            } else if (chars.position() == 0 && result.isUnderflow()) {
                if (ended) {
                    chars.flip();
                    return false;
                }
                bytes.compact();
                int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
                ended = count < 0;
                bytes.position(bytes.position() + Math.max(0, count)).flip();
            }
        }
        chars.flip();
        return true;
    }

    private void foreign(int length) {
        if (flawedLine == 0) {
            flawedLine = line
                    + CharBuffer.wrap(chars.array(), 0, chars.position())
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
        }
        if (bytewise) {
            byte[] odd = new byte[length];
            bytes.get(odd);
            chars.put(WINDOWS.decode(ByteBuffer.wrap(odd)));
        } else {
            bytes.position(bytes.position() + length);
            chars.put('\uFFFD');
        }
    }

    @Override
    public void close() {
        // The file is the caller's.
    }
}
