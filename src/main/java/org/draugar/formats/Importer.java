package org.draugar.formats;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.draugar.location.Fix;

/**
 * Reads positions from files that other software wrote: GPX 1.0 and 1.1, and what Google Timeline exports and has
 * exported. Which one it is, the content tells. Memory is bounded, whatever the file.
 */
public final class Importer {
    private static final int START = 1024;
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private Importer() {}

    /** Told how an import goes, about every megabyte and at the end. What it throws ends the import. */
    public interface Progress {
        /**
         * @param bytes read so far
         * @param understood positions handed on so far
         */
        void at(long bytes, long understood);
    }

    /**
     * Reads a file. Where it is broken, reading ends: what came before was handed on, and the report says where it
     * broke.
     *
     * @param file not closed
     * @param fixes takes the positions one by one, in the order of the file; what it throws ends the import
     * @throws UnknownFormat when the file is none that can be imported; nothing was handed on then
     * @throws IOException of the stream itself
     */
    public static ImportReport read(InputStream file, Consumer<Fix> fixes, Progress progress)
            throws IOException, UnknownFormat {
        byte[] start = file.readNBytes(START);
        TrackReader reader = reader(start);
        PushbackInputStream whole = new PushbackInputStream(file, START);
        whole.unread(start);
        Tally tally = new Tally(fixes);
        ImportStream in = new ImportStream(whole, bytes -> progress.at(bytes, tally.understood()));
        String format = reader.read(in, tally);
        progress.at(in.bytes(), tally.understood());
        return tally.report(format);
    }

    private static TrackReader reader(byte[] start) throws UnknownFormat {
        if (start.length < 2) {
            throw new UnknownFormat("The file is empty");
        }
        if ((start[0] == 'P' && start[1] == 'K') || (start[0] == 0x1F && start[1] == (byte) 0x8B)) {
            throw new UnknownFormat("This is an archive: unpack it, and import the files in it one by one");
        }
        Charset charset = charset(start);
        String text = new String(start, charset)
                .replace(BYTE_ORDER_MARK, "")
                .replace("\0", "")
                .strip();
        if (text.startsWith("<")) {
            return new GpxReader(charset, text);
        }
        if (text.startsWith("{") || text.startsWith("[")) {
            return new TimelineReader(charset);
        }
        throw new UnknownFormat("This file is neither XML nor JSON");
    }

    /** By the byte order mark, or else since XML and JSON both begin with ASCII. */
    static Charset charset(byte[] start) {
        if (start[0] == 0 || (start[0] == (byte) 0xFE && start[1] == (byte) 0xFF)) {
            return StandardCharsets.UTF_16BE;
        }
        if (start[1] == 0 || (start[0] == (byte) 0xFF && start[1] == (byte) 0xFE)) {
            return StandardCharsets.UTF_16LE;
        }
        return StandardCharsets.UTF_8;
    }
}
