package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.JsonObject;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.draugar.client.DraugarClient;
import org.draugar.client.Listener;
import org.draugar.client.Position;
import org.draugar.support.CuttingProxy;
import org.draugar.support.Person;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The Java client against a server that comes and goes. */
@Execution(ExecutionMode.CONCURRENT)
@SharedServer
class ClientIT {
    @TempDir
    Path folder;

    @Test
    void whatIsSentWhileTheServerIsAwayArrivesOnceInOrder(Server server) throws Exception {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (CuttingProxy network = new CuttingProxy(server.port())) {
            URI address = server.through(network.port()).ws();
            // The server is away, and the program ends before it comes back.
            network.cut();
            try (DraugarClient client = client(address, anna, new Listener() {})) {
                for (int i = 1; i <= 30; i++) {
                    client.send(position(i));
                }
            }
            // A crash in the middle of writing leaves half a line.
            Files.writeString(folder.resolve("outbox"), "+{\"type\":\"loc", StandardOpenOption.APPEND);

            CountDownLatch connected = new CountDownLatch(1);
            try (DraugarClient client = client(address, anna, new Listener() {
                @Override
                public void connected(boolean now) {
                    connected.countDown();
                }
            })) {
                assertThatThrownBy(() -> client(address, anna, new Listener() {}))
                        .hasMessageContaining("Another client uses this outbox");
                CompletableFuture<Void> last = client.send(position(31));
                network.mend();
                assertThat(connected.await(60, TimeUnit.SECONDS)).isTrue();
                last.get(30, TimeUnit.SECONDS);
                List<Integer> kept = server
                        .get("/api/users/" + anna.id() + "/locations?order=asc", bjorn)
                        .json()
                        .getJsonArray("locations")
                        .getValuesAs(JsonObject.class)
                        .stream()
                        .map(location -> location.getInt("altitude"))
                        .toList();
                assertThat(kept).isEqualTo(IntStream.rangeClosed(1, 31).boxed().toList());
            }
        }
    }

    @Test
    void itSaysWhatIsRefusedAndWhenItIsSignedOut(Server server) throws Exception {
        Person anna = server.startFamily("Anna");
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        try (DraugarClient client = client(server.ws(), anna, new Listener() {
            @Override
            public void refused(Position position, String reason) {
                told.add(position.latitude() + " " + reason);
            }

            @Override
            public void signedOut() {
                told.add("signed out");
            }
        })) {
            CompletableFuture<Void> bad = client.send(Position.of(91, 0, Instant.now()));
            client.send(position(1)).get(20, TimeUnit.SECONDS);
            assertThat(bad).isCompletedExceptionally();
            assertThat(told.poll(5, TimeUnit.SECONDS)).isEqualTo("91.0 latitude: expected a number from -90 to 90");
            assertThat(server.post("/api/auth/leave", anna, "").status()).isEqualTo(204);
            assertThat(told.poll(5, TimeUnit.SECONDS)).isEqualTo("signed out");
        }
        try (DraugarClient client = client(server.ws(), anna, new Listener() {
            @Override
            public void signedOut() {
                told.add("signed out");
            }
        })) {
            client.send(position(2));
            assertThat(told.poll(20, TimeUnit.SECONDS)).as("401").isEqualTo("signed out");
        }
    }

    private DraugarClient client(URI address, Person person, Listener listener) {
        return DraugarClient.builder(address, person.token())
                .outbox(folder.resolve("outbox"))
                .pauses(Duration.ofMillis(50), Duration.ofMillis(500))
                .listener(listener)
                .start();
    }

    private static Position position(int number) {
        return new Position(64, -21, Instant.now(), null, (double) number, null, null, null, null, null);
    }
}
