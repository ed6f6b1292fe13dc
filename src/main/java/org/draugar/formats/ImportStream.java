package org.draugar.formats;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/**
 * The bytes of a file, counted on their way to a parser. Parsers hold each value in memory until it ends, and a hostile
 * one never does: so readers tell of every value that came, and when none comes for long, reading ends.
 */
final class ImportStream extends InputStream {
    private static final int MEGABYTE = 1 << 20;
    private static final int PROGRESS_EVERY = 1 << 20;

    private final InputStream in;
    private final LongConsumer progress;
    private int mostBytesOfValue = MEGABYTE;
    private long bytes;
    private long lastValue;
    private long lastProgress;
    private IOException failure;

    /** @param progress told now and then how many bytes were read */
    ImportStream(InputStream in, LongConsumer progress) {
        this.in = in;
        this.progress = progress;
    }

    /** Lets values be larger than 1 MB: for who reads them without holding them. */
    void allowValues(int mostBytes) {
        mostBytesOfValue = mostBytes;
    }

    /** The parser has come to the end of a value. */
    void valueEnded() {
        lastValue = bytes;
    }

    long bytes() {
        return bytes;
    }

    /** Parsers wrap what the stream throws in what they throw for a broken file; this tells the two apart. */
    void throwFailure() throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int start, int length) throws IOException {
        if (bytes - lastValue > mostBytesOfValue) {
            throw new Broken(
                    "the rest of the file: a single value in it is larger than " + mostBytesOfValue / MEGABYTE + " MB");
        }
        int count;
        try {
            count = in.read(target, start, length);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
        if (count > 0) {
            bytes += count;
            if (bytes - lastProgress >= PROGRESS_EVERY) {
                lastProgress = bytes;
                progress.accept(bytes);
            }
        }
        return count;
    }

    /** The rest of a file cannot be read. The message says why, for the report. */
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken(String what) {
            super(what, null, false, false);
        }
    }
}
