package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.Test;

/** What the operator's Prometheus gets. Others' tests count here too: numbers grow by what is done here, or by more. */
@SharedServer
class MetricsIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Path DASHBOARD = Path.of("server-config/grafana/draugar.json");
    private static final Path OPERATIONS = Path.of("docs/operations.md");

    private final Server server;

    MetricsIT(Server server) {
        this.server = server;
    }

    @Test
    void aPositionIsCountedAndTimedOnItsWay() throws Exception {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        double deliveries = value("draugar_deliveries_total");
        double delivered = value("draugar_received_to_delivered_seconds_count");
        double committed = value("draugar_stored_seconds_count");
        double stored = value("draugar_positions_stored_total");
        try (Phone annas = Phone.connect(server, anna);
                Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.subscribe();
            annas.send(Phone.update(1, 2).add("id", "1"));
            bjorns.hear("location:broadcast");
            annas.hear("ack");
            assertThat(value("draugar_connections")).isGreaterThanOrEqualTo(2);
            assertThat(value("draugar_families")).isGreaterThanOrEqualTo(1);
        }
        assertThat(value("draugar_deliveries_total")).isGreaterThan(deliveries);
        assertThat(value("draugar_received_to_delivered_seconds_count")).isGreaterThan(delivered);
        assertThat(value("draugar_stored_seconds_count")).isGreaterThan(committed);
        assertThat(value("draugar_positions_stored_total")).isGreaterThan(stored);
        assertThat(value("draugar_memory_used_bytes")).isBetween(1e6, value("draugar_memory_max_bytes"));
        assertThat(value("draugar_store_waiting_most")).isEqualTo(20_000);
    }

    @Test
    void refusalsAreCountedByTheirKind() throws Exception {
        Person anna = server.startFamily("Anna");
        double unknown = value("draugar_refusals_total{kind=\"unknown_caller\"}");
        double invalid = value("draugar_refusals_total{kind=\"invalid\"}");
        assertThat(server.get("/api/users", null).status()).isEqualTo(401);
        try (Phone phone = Phone.connect(server, anna)) {
            phone.send("{\"type\":\"nonsense\"}");
            phone.hear("error");
        }
        Server.await(
                "both are counted",
                SOON,
                () -> value("draugar_refusals_total{kind=\"unknown_caller\"}") > unknown
                        && value("draugar_refusals_total{kind=\"invalid\"}") > invalid);
    }

    @Test
    void theDashboardAndTheGuideShowWhatThereIs() throws IOException {
        Set<String> told = server.get("/api/metrics", null)
                .response()
                .body()
                .lines()
                .filter(line -> line.startsWith("# TYPE "))
                .map(line -> line.split(" ")[2])
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(names(DASHBOARD)).isNotEmpty().isSubsetOf(told);
        assertThat(names(OPERATIONS)).containsExactlyElementsOf(told);
    }

    /** The metrics that a file names, without what Prometheus adds to those of a histogram. */
    private static Set<String> names(Path file) throws IOException {
        Matcher found = Pattern.compile("\\bdraugar_[a-z_]+").matcher(Files.readString(file));
        return Stream.generate(() -> found.find() ? found.group() : "")
                .takeWhile(name -> !name.isEmpty())
                .map(name -> name.replaceFirst("_seconds_(bucket|count|sum)$", "_seconds"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private double value(String name) {
        return server.get("/api/metrics", null)
                .response()
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }
}
