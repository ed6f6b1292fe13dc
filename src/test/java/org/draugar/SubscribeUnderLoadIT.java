package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.draugar.support.Crowd;
import org.draugar.support.Crowd.Peer;
import org.draugar.support.Extent;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.Test;

/** A thousand subscriptions while a member moves without pause: snapshot and live fit together each time. */
@SharedServer
class SubscribeUnderLoadIT {
    private static final int SUBSCRIPTIONS = Extent.of("SubscribeUnderLoadIT: subscriptions", 200, 1000);
    /** Live positions that each subscription waits for after its snapshot. */
    private static final int LIVE = 5;

    private final Server server;

    SubscribeUnderLoadIT(Server server) {
        this.server = server;
    }

    @Test
    void nothingIsLostAndNothingIsTwiceAtTheSeam() throws Exception {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Crowd crowd = new Crowd(server)) {
            AtomicInteger echoed = new AtomicInteger(-1);
            Peer witness = crowd.connect(server.join(anna, "Witness"), message -> number(message, echoed));
            witness.subscribe();
            Server.await("the witness is subscribed", Duration.ofSeconds(10), witness::isReady);

            Peer annas = crowd.connect(anna, message -> {});
            AtomicBoolean moving = new AtomicBoolean(true);
            CompletableFuture<Void> movement = CompletableFuture.runAsync(() -> {
                for (int i = 0; moving.get(); i++) {
                    annas.send(Phone.update(1, i / 1e6).build().toString());
                    // As fast as the server relays, and not so fast that it would have to skip.
                    int sent = i;
                    Server.await("the witness hears", Duration.ofSeconds(20), () -> echoed.get() > sent - 20);
                }
            });

            Seen seen = new Seen();
            Peer bjorns = crowd.connect(bjorn, seen);
            for (int round = 0; round < SUBSCRIPTIONS; round++) {
                CompletableFuture<List<Integer>> numbers = seen.next();
                bjorns.send("{\"type\":\"location:subscribe\"}");
                List<Integer> got = numbers.get(20, TimeUnit.SECONDS);
                assertThat(got).as("round %d", round).hasSize(1 + LIVE);
                for (int i = 1; i < got.size(); i++) {
                    assertThat(got.get(i)).as("round %d: %s", round, got).isEqualTo(got.get(i - 1) + 1);
                }
                CompletableFuture<Void> end = seen.end();
                bjorns.send("{\"type\":\"location:unsubscribe\"}");
                bjorns.send("{\"type\":\"ping\"}");
                end.get(20, TimeUnit.SECONDS);
            }
            moving.set(false);
            movement.get(20, TimeUnit.SECONDS);
        }
    }

    private static void number(JsonObject message, AtomicInteger to) {
        if (message.containsKey("longitude")) {
            to.set(number(message));
        }
    }

    private static int number(JsonObject message) {
        return (int) Math.round(message.getJsonNumber("longitude").doubleValue() * 1e6);
    }

    /** Collects what one subscription hears of Anna. */
    private static final class Seen implements java.util.function.Consumer<JsonObject> {
        private List<Integer> numbers;
        private CompletableFuture<List<Integer>> wanted;
        private CompletableFuture<Void> end;

        synchronized CompletableFuture<List<Integer>> next() {
            numbers = new ArrayList<>();
            wanted = new CompletableFuture<>();
            return wanted;
        }

        synchronized CompletableFuture<Void> end() {
            end = new CompletableFuture<>();
            return end;
        }

        @Override
        public synchronized void accept(JsonObject message) {
            if (message.getString("type").equals("pong")) {
                end.complete(null);
            } else if (message.containsKey("longitude") && numbers.size() <= LIVE) {
                numbers.add(number(message));
                if (numbers.size() == 1 + LIVE) {
                    wanted.complete(numbers);
                }
            }
        }
    }
}
