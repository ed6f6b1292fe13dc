package org.draugar.client;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was given to the client and not yet promised by the server, in order; on disk, where it has a file.
 *
 * <p>The file is a log of lines: {@code #prefix number since} begins it, {@code +message} adds, {@code -id} removes,
 * {@code @since} notes how far the family's stream was heard. A line that a crash has torn is as if it was never
 * written: its sender was told nothing yet. Not thread-safe.
 */
final class Outbox implements AutoCloseable {
    private static final int COMPACT_LINES = 1000;

    private final Path path;
    private final Map<String, JsonObject> waiting = new LinkedHashMap<>();
    private String prefix = Long.toString(new SecureRandom().nextLong() & 0xFFFF_FFFF_FFFFL, 36);
    private long number;
    private long since = -1;
    private FileChannel lock;
    private FileChannel log;
    private int lines;

    /** @param path the file, or null to keep it in memory only */
    Outbox(Path path) {
        this.path = path;
        if (path == null) {
            return;
        }
        try {
            if (path.getParent() != null) {
                Files.createDirectories(path.getParent());
            }
            lock();
            if (Files.exists(path)) {
                read();
            }
            compact();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Two clients that send the same would take each other's acknowledgements for theirs. */
    private void lock() throws IOException {
        lock = FileChannel.open(
                path.resolveSibling(path.getFileName() + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held;
        try {
            held = lock.tryLock();
        } catch (OverlappingFileLockException e) {
            held = null;
        }
        if (held == null) {
            lock.close();
            throw new IllegalStateException("Another client uses this outbox: " + path);
        }
    }

    private void read() throws IOException {
        String text = Files.readString(path);
        int end = text.lastIndexOf('\n');
        for (String line : text.substring(0, end + 1).split("\n", -1)) {
            if (line.isEmpty()) {
                continue;
            }
            String rest = line.substring(1);
            switch (line.charAt(0)) {
                case '#' -> {
                    String[] words = rest.split(" ", -1);
                    prefix = words[0];
                    number = Long.parseLong(words[1]);
                    since = Long.parseLong(words[2]);
                }
                case '+' -> {
                    JsonObject message = parse(rest);
                    waiting.put(message.getString("id"), message);
                    number++;
                }
                case '-' -> waiting.remove(rest);
                case '@' -> since = Long.parseLong(rest);
                default -> throw new IOException("Not an outbox: " + path);
            }
        }
    }

    private JsonObject parse(String text) throws IOException {
        try {
            return Json.createReader(new StringReader(text)).readObject();
        } catch (JsonException e) {
            throw new IOException("Not an outbox: " + path, e);
        }
    }

    /** Adds a position under a new id; when this returns, it survives a crash. */
    String add(Position position) {
        String id = prefix + "-" + Long.toString(++number, 36);
        JsonObject message = position.message(id);
        append("+" + message, true);
        waiting.put(id, message);
        return id;
    }

    /**
     * The server has promised to keep it, or never will.
     *
     * @return the message, or null when it is not there any more
     */
    JsonObject remove(String id) {
        JsonObject message = waiting.remove(id);
        if (message != null) {
            // Lost in a crash, it is sent again, and known by its id.
            append("-" + id, false);
        }
        return message;
    }

    /** What waits, by id, in order. */
    Map<String, JsonObject> waiting() {
        return waiting;
    }

    /** How far the family's stream was heard, or -1. */
    long since() {
        return since;
    }

    void since(long offset) {
        if (offset != since) {
            since = offset;
            append("@" + offset, false);
        }
    }

    private void append(String line, boolean force) {
        if (path == null) {
            return;
        }
        try {
            write(log, line);
            if (force) {
                log.force(false);
            }
            if (++lines > COMPACT_LINES + 2 * waiting.size()) {
                compact();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the file anew, with only what waits. */
    private void compact() throws IOException {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        FileChannel next = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        // Each line that adds counts the number up again when it is read.
        write(next, "#" + prefix + " " + (number - waiting.size()) + " " + since);
        for (JsonObject message : waiting.values()) {
            write(next, "+" + message);
        }
        next.force(true);
        try {
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(fresh, path, StandardCopyOption.REPLACE_EXISTING);
        }
        if (log != null) {
            log.close();
        }
        log = next;
        lines = waiting.size();
    }

    private static void write(FileChannel channel, String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() {
        try {
            if (log != null) {
                log.force(false);
                log.close();
            }
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
