package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.draugar.client.DraugarClient;
import org.draugar.client.Listener;
import org.draugar.client.Position;
import org.draugar.support.CuttingProxy;
import org.draugar.support.EventStream;
import org.draugar.support.Extent;
import org.draugar.support.Person;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A network that is cut a thousand times, in the middle of frames, in both directions, while positions flow: whoever
 * reads hears each one once, in order.
 */
@Execution(ExecutionMode.CONCURRENT)
@SharedServer
class CutsIT {
    private static final int CUTS = Extent.of("CutsIT: cuts of each kind of connection", 200, 1000);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    private final Server server;
    private Person anna;
    private Person bjorn;

    CutsIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void startFamily() {
        anna = server.startFamily("Anna");
        bjorn = server.join(anna, "Björn");
    }

    @Test
    @SuppressWarnings("try") // The reader only listens.
    void clientsLoseNothingAndHearNothingTwice() {
        List<Integer> heard = Collections.synchronizedList(new ArrayList<>());
        AtomicBoolean missed = new AtomicBoolean();
        try (CuttingProxy network = new CuttingProxy(server.port(), CUTS, 600, 30_000);
                DraugarClient reader = client(network, bjorn, "reader", new Listener() {
                    @Override
                    public void heard(JsonObject event) {
                        if (event.getString("type").equals("location:broadcast")) {
                            heard.add(event.getInt("altitude"));
                        }
                    }

                    @Override
                    public void missed() {
                        missed.set(true);
                    }
                });
                DraugarClient sender = client(network, anna, "sender", new Listener() {})) {
            // So that the reader has somewhere to come back to.
            sender.send(position(0)).join();
            Server.await("the first is heard", PATIENCE, () -> !heard.isEmpty());
            Deque<CompletableFuture<Void>> promises = new ArrayDeque<>();
            int sent = 0;
            while (network.left() > 0) {
                promises.add(sender.send(position(++sent)));
                if (promises.size() == 200) {
                    promises.remove().join();
                }
            }
            int last = sent;
            promises.forEach(CompletableFuture::join);
            Server.await("all heard", PATIENCE, () -> heard.size() > last);
            assertThat(missed).isFalse();
            assertThat(heard.size()).as("how many").isEqualTo(last + 1);
            assertThat(strayIn(heard))
                    .as("lost, twice or out of order, and what was around")
                    .isEmpty();
            System.out.printf(
                    "CutsIT: %d cuts, %d positions by WebSocket, 0 lost, 0 twice, in order%n", CUTS, last + 1);
        }
    }

    @Test
    void eventStreamsLoseNothingAndHearNothingTwice() {
        List<Integer> heard = new ArrayList<>();
        try (CuttingProxy network = new CuttingProxy(server.port(), CUTS, 600, 4000);
                DraugarClient sender = DraugarClient.builder(server.ws(), anna.token())
                        .subscribe(false)
                        .start()) {
            Server cutOff = server.through(network.port());
            sender.send(position(0)).join();
            List<CompletableFuture<Void>> promises = new ArrayList<>();
            String last = null;
            int sent = 0;
            while (network.left() > 0 || heard.size() <= sent) {
                try (EventStream stream = EventStream.open(cutOff, bjorn, last)) {
                    for (EventStream.Event event = stream.poll(); event != null; event = stream.poll()) {
                        if (!event.name().equals("location:broadcast")) {
                            continue;
                        }
                        heard.add(event.data().getInt("altitude"));
                        last = event.id();
                        if (network.left() > 0) {
                            promises.add(sender.send(position(++sent)));
                        } else if (heard.size() > sent) {
                            break;
                        }
                    }
                } catch (IllegalStateException e) {
                    // Cut while it was opened.
                }
            }
            assertThat(heard.size()).as("how many").isEqualTo(sent + 1);
            assertThat(strayIn(heard))
                    .as("lost, twice or out of order, and what was around")
                    .isEmpty();
            promises.forEach(CompletableFuture::join);
            System.out.printf(
                    "CutsIT: %d cuts, %d positions by event stream, 0 lost, 0 twice, in order%n", CUTS, sent + 1);
        }
    }

    /** What was heard around the first number that is not in its place. */
    private static List<Integer> strayIn(List<Integer> heard) {
        return IntStream.range(0, heard.size())
                .filter(i -> heard.get(i) != i)
                .mapToObj(i -> List.copyOf(heard.subList(Math.max(0, i - 3), Math.min(heard.size(), i + 20))))
                .findFirst()
                .orElse(List.of());
    }

    private DraugarClient client(CuttingProxy network, Person person, String outbox, Listener listener) {
        return DraugarClient.builder(URI.create("ws://127.0.0.1:" + network.port() + "/ws"), person.token())
                .outbox(folder.resolve(outbox))
                .timeout(Duration.ofMillis(500))
                .pauses(Duration.ofMillis(5), Duration.ofMillis(50))
                .listener(listener)
                .start();
    }

    private static Position position(int number) {
        return new Position(64, -21, Instant.now(), null, (double) number, null, null, null, null, null);
    }
}
