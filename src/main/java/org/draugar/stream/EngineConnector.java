package org.draugar.stream;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.draugar.settings.EngineAddress;
import org.draugar.settings.EngineAddress.Kind;
import org.draugar.settings.EngineAddress.Server;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.JedisClusterCRC16;

/** Connects to the server that is the engine right now. */
final class EngineConnector implements Supplier<EngineConnection> {
    /** An engine that does not answer for so long is away. */
    private static final int TIMEOUT_MILLIS = (int) TimeUnit.SECONDS.toMillis(3);

    private final EngineAddress address;
    private final String key;

    /** @param key of all that is asked for; in a Redis Cluster another server has each */
    EngineConnector(EngineAddress address, String key) {
        this.address = address;
        this.key = key;
    }

    /** @throws RuntimeException when it cannot be reached */
    @Override
    public EngineConnection get() {
        List<String> failures = new ArrayList<>();
        for (Server server : address.servers()) {
            try {
                Server engine =
                        switch (address.kind()) {
                            case SINGLE -> server;
                            case SENTINEL -> master(server);
                            case CLUSTER -> ownerOf(key, server);
                        };
                return connect(engine, address.user(), address.password()).introduce();
            } catch (RuntimeException e) {
                failures.add(server + ": " + e.getMessage());
            }
        }
        throw new JedisConnectionException(String.join("; ", failures));
    }

    private Server master(Server sentinel) {
        try (Question question = new Question(connect(sentinel, "", ""))) {
            List<?> found = (List<?>) question.ask(new CommandArguments(Protocol.Command.SENTINEL)
                    .add("GET-MASTER-ADDR-BY-NAME")
                    .add(address.master()));
            if (found == null) {
                throw new JedisConnectionException("it knows no " + address.master());
            }
            return new Server(text(found.get(0)), Integer.parseInt(text(found.get(1))));
        }
    }

    /** @see <a href="https://redis.io/docs/latest/commands/cluster-slots/">CLUSTER SLOTS</a> */
    private Server ownerOf(String wanted, Server any) {
        long slot = JedisClusterCRC16.getSlot(wanted);
        try (Question question = new Question(connect(any, address.user(), address.password()))) {
            for (Object range : (List<?>) question.ask(new CommandArguments(Protocol.Command.CLUSTER).add("SLOTS"))) {
                List<?> parts = (List<?>) range;
                if ((Long) parts.get(0) <= slot && slot <= (Long) parts.get(1)) {
                    List<?> owner = (List<?>) parts.get(2);
                    String host = owner.get(0) == null ? "" : text(owner.get(0));
                    // Without one: the same that was asked.
                    return new Server(host.isEmpty() ? any.host() : host, Math.toIntExact((Long) owner.get(1)));
                }
            }
            throw new JedisConnectionException("no server of its cluster has slot " + slot);
        }
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }

    /** A connection for one question. */
    private record Question(EngineConnection connection) implements AutoCloseable {
        Object ask(CommandArguments command) {
            connection.write(command);
            connection.flush();
            Object answer = connection.read();
            if (answer instanceof JedisDataException e) {
                throw e;
            }
            return answer;
        }

        @Override
        public void close() {
            connection.cut();
        }
    }

    EngineConnection connect(Server server, String user, String password) {
        DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                .resp2()
                .connectionTimeoutMillis(TIMEOUT_MILLIS)
                .socketTimeoutMillis(TIMEOUT_MILLIS)
                .database(address.kind() == Kind.SINGLE ? address.database() : 0);
        if (address.encrypted()) {
            config.sslOptions(
                    SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL).build());
        }
        if (!user.isEmpty()) {
            config.user(user);
        }
        if (!password.isEmpty()) {
            config.password(password);
        }
        JedisClientConfig made = config.build();
        return new EngineConnection(
                new DefaultJedisSocketFactory(new HostAndPort(server.host(), server.port()), made), made);
    }
}
