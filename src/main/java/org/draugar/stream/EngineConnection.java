package org.draugar.stream;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.PushConsumerChain;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.RedisInputStream;

/** A connection to the engine on which questions and answers are not in step. One thread writes, one reads. */
final class EngineConnection extends Connection {
    private static final Pattern FIELD = Pattern.compile("(?m)^(run_id|role|redis_version|loading):(\\S*)");

    private RedisInputStream input;
    private String run = "";

    EngineConnection(JedisSocketFactory sockets, JedisClientConfig config) {
        super(sockets, config);
    }

    /**
     * Looks which process of the engine it is.
     *
     * @throws JedisConnectionException when that one is not to be used
     */
    EngineConnection introduce() {
        sendCommand(Protocol.Command.INFO, "server", "replication", "persistence");
        Matcher fields = FIELD.matcher(getBulkReply());
        while (fields.find()) {
            String value = fields.group(2);
            switch (fields.group(1)) {
                case "run_id" -> run = value;
                case "role" -> require(value.equals("master"), "it is a copy of another one");
                case "loading" -> require(value.equals("0"), "it is starting");
                default -> require(!value.matches("[0-6]\\..*"), "it is older than Redis 7");
            }
        }
        return this;
    }

    private static void require(boolean usable, String otherwise) {
        if (!usable) {
            throw new JedisConnectionException(otherwise);
        }
    }

    /** Which run of which process of the engine this connects to. */
    String run() {
        return run;
    }

    void write(CommandArguments command) {
        sendCommand(command);
    }

    @Override
    public void flush() {
        super.flush();
    }

    /** Waits for the next answer or message; an error that the engine answers with is returned. */
    Object read() {
        try {
            return getUnflushedObject();
        } catch (JedisDataException e) {
            return e;
        }
    }

    /** Whether more has arrived already. */
    boolean hasMore() {
        try {
            return input.available() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    protected Object protocolRead(RedisInputStream stream, PushConsumerChain consumers) {
        input = stream;
        return super.protocolRead(stream, consumers);
    }

    /** Ends it from any thread, whatever it is doing. */
    void cut() {
        try {
            forceDisconnect();
        } catch (IOException e) {
            // It is gone.
            setBroken();
        }
    }
}
