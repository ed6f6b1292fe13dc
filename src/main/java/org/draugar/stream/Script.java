package org.draugar.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;

/** A program that the engine runs in one piece. */
final class Script {
    static final Script APPEND = new Script("family.lua", "append.lua");
    static final Script HELD = new Script("family.lua", "held.lua");
    static final Script GATE = new Script("family.lua", "gate.lua");
    static final Script FORGET = new Script("family.lua", "forget.lua");
    static final Script PROBE = new Script("probe.lua");
    static final List<Script> ALL = List.of(APPEND, HELD, GATE, FORGET, PROBE);

    private final String text;
    private final byte[] name;

    private Script(String... parts) {
        StringBuilder whole = new StringBuilder();
        for (String part : parts) {
            try (InputStream in = Script.class.getResourceAsStream(part)) {
                whole.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        text = whole.toString();
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            name = HexFormat.of().formatHex(hash).getBytes(StandardCharsets.US_ASCII);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The command that makes it known to the engine, which forgets it when it ends. */
    CommandArguments load() {
        return new CommandArguments(Protocol.Command.SCRIPT).add("LOAD").add(text);
    }

    /** The command that runs it; keys and arguments are to be added. */
    CommandArguments call(int keys) {
        return new CommandArguments(Protocol.Command.EVALSHA).add(name).add(keys);
    }
}
