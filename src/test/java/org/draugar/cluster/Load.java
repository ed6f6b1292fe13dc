package org.draugar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.draugar.cluster.Ledger.Id;
import org.draugar.cluster.Ledger.Placed;
import org.draugar.support.Crowd;
import org.draugar.support.Person;
import org.draugar.support.Server;

/**
 * Families that send without pause, with a reader of each on every node, and the ledger of it all; faults are made
 * meanwhile, and in the end the books are looked at.
 */
final class Load implements AutoCloseable {
    /** Everything flows again within this, once a fault is over. */
    private static final Duration RECOVERY = Duration.ofSeconds(15);

    private static final int SENDERS = 2;
    /** Of one sender, while nobody acknowledges: as an app keeps some hours, and not all. */
    private static final int MAX_WAITING = 400;

    private static final int TICKS_PER_SECOND = 50;

    private final Machine machine;
    private final Ledger ledger = new Ledger();
    private final long begin = Instant.now().minusSeconds(60).toEpochMilli() * 4096;
    private final List<Family> families = new ArrayList<>();
    private final List<Sender> senders = new ArrayList<>();
    private final List<Device> devices = new ArrayList<>();
    private final List<Crowd> deaf = new ArrayList<>();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(2, work -> {
        Thread thread = new Thread(work, "load");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean sending = true;

    private record Family(String id, List<Sender> senders, List<Reader> readers) {}

    /** @param rate positions a second, of all families together */
    Load(Machine machine, int families, int rate) {
        this.machine = machine;
        List<URI> nodes = IntStream.rangeClosed(1, machine.nodes())
                .mapToObj(k -> machine.node(k).ws())
                .toList();
        for (int f = 0; f < families; f++) {
            this.families.add(family("family" + f, nodes));
        }
        for (Device device : devices) {
            timer.scheduleWithFixedDelay(device::tick, 0, 500, TimeUnit.MILLISECONDS);
        }
        Server.await("all are connected", Duration.ofMinutes(2), () -> devices.stream()
                .allMatch(Device::isConnected));
        for (int k = 1; k <= machine.nodes(); k++) {
            deaf.add(new Crowd(machine.node(k)));
        }
        int[] turn = {0};
        double each = (double) rate / TICKS_PER_SECOND;
        double[] due = {0};
        timer.scheduleAtFixedRate(
                () -> {
                    for (due[0] += each; due[0] >= 1; due[0]--) {
                        Sender sender = senders.get(turn[0]++ % senders.size());
                        if (sending && sender.waiting() < MAX_WAITING) {
                            sender.next();
                        }
                    }
                },
                0,
                1000 / TICKS_PER_SECOND,
                TimeUnit.MILLISECONDS);
        // From here on each reader has a place to come back to.
        awaitFlow("at the start", Duration.ofMinutes(1));
    }

    private Family family(String name, List<URI> nodes) {
        Server first = machine.node(1);
        Person admin = startFamily(first, name);
        List<Sender> its = new ArrayList<>();
        for (int s = 0; s < SENDERS; s++) {
            Person person = s == 0 ? admin : first.join(admin, "Sender " + s);
            its.add(new Sender(ledger, person, nodes, (families.size() + s) % nodes.size()));
        }
        List<Reader> readers = new ArrayList<>();
        for (int k = 0; k < nodes.size(); k++) {
            Person person = first.join(admin, "Reader " + k);
            readers.add(new Reader(ledger, ledger.subscriber(name + " at " + (k + 1), name), person, nodes, k, begin));
        }
        senders.addAll(its);
        devices.addAll(its);
        devices.addAll(readers);
        return new Family(name, its, readers);
    }

    /** From an address of its own: of the same one a server takes few new families. */
    private Person startFamily(Server server, String name) {
        Server.Answer answer = server.send(server.request("/api/families", null)
                .header("X-Forwarded-For", "10.0.0." + (families.size() + 1))
                .POST(BodyPublishers.ofString("{\"family\":\"" + name + "\",\"name\":\"Sender 0\"}")));
        JsonObject user = answer.json().getJsonObject("user");
        return new Person(answer.string("token"), user.getString("id"), user.getString("name"));
    }

    /** Adds, on each node, somebody who subscribes and never reads, to each of some families. */
    void addSlowReaders(int count) {
        for (int k = 0; k < deaf.size(); k++) {
            for (Family family : families.subList(0, Math.min(count, families.size()))) {
                deaf.get(k).connectDeaf(family.readers().get(k).person).subscribe();
            }
        }
    }

    /**
     * Lets a fault last, ends it, and waits until everything flows again.
     *
     * @param begin brings it about
     * @param end heals it; counted is from when it returns
     */
    void fault(String name, Duration lasting, Runnable begin, Runnable end) {
        if (!name.matches(System.getProperty("draugar.ledger.faults", ".*"))) {
            return;
        }
        int acknowledged = ledger.acknowledgedCount();
        Instant at = Instant.now();
        begin.run();
        pause(lasting);
        int meanwhile = ledger.acknowledgedCount() - acknowledged;
        end.run();
        Duration recovered = awaitFlow(name, RECOVERY);
        System.out.printf(
                "Ledger: %s, at %s: %,d acknowledged in its %d s, flows again after %.1f s%n",
                name, at, meanwhile, lasting.toSeconds(), recovered.toMillis() / 1000.0);
        devices.forEach(Device::goHome);
        awaitFlow("everybody is back on their node after: " + name, RECOVERY);
    }

    /** How many positions were acknowledged until now. */
    int acknowledged() {
        return ledger.acknowledgedCount();
    }

    /** How long it takes until what is sent from now on is acknowledged to its sender, and heard by all of its family. */
    private Duration awaitFlow(String when, Duration most) {
        long start = System.nanoTime();
        Map<Sender, Integer> marks = new HashMap<>();
        senders.forEach(sender -> marks.put(sender, sender.last()));
        List<String> missing = new ArrayList<>();
        Server.await(() -> "everything flows, " + when + ": " + missing, most, () -> {
            missing.clear();
            for (Family family : families) {
                for (Sender sender : family.senders()) {
                    if (sender.acknowledged() <= marks.get(sender)) {
                        missing.add("no ack to a sender of " + family.id());
                    }
                    for (int k = 0; k < family.readers().size(); k++) {
                        if (family.readers().get(k).heardOf(sender.person.id()) <= marks.get(sender)) {
                            missing.add("nothing to " + family.id() + "'s reader of node " + (k + 1));
                        }
                    }
                }
            }
            return missing.isEmpty();
        });
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Time to pass: faults last. */
    private static void pause(Duration time) {
        try {
            new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends the sending, lets everything come to rest, reads the store by each node, and looks at the books. */
    void audit() {
        sending = false;
        // Behind everything else in each stream.
        families.forEach(
                family -> Server.await("all is acknowledged", Duration.ofMinutes(1), () -> family.senders().stream()
                        .allMatch(sender -> sender.waiting() == 0)));
        Map<Family, Integer> seals = new HashMap<>();
        for (Family family : families) {
            Sender sender = family.senders().get(0);
            sender.next();
            seals.put(family, sender.last());
        }
        for (Family family : families) {
            Sender sender = family.senders().get(0);
            Server.await(
                    "the last of all is stored and heard",
                    RECOVERY,
                    () -> sender.waiting() == 0
                            && family.readers().stream()
                                    .allMatch(reader -> reader.heardOf(sender.person.id()) == seals.get(family)));
        }
        Server.await("everybody is online for everybody", RECOVERY, () -> families.stream()
                .allMatch(family -> views(family).distinct().count() == 1));
        for (Family family : families) {
            family.readers().forEach(reader -> ledger.online(family.id(), reader.person.id(), reader.online()));
            List<Placed> first = null;
            for (int k = 0; k < machine.nodes(); k++) {
                List<Placed> stored = read(family, k, seals.get(family));
                if (first == null) {
                    first = stored;
                    ledger.stored(family.id(), stored);
                } else if (!stored.equals(first)) {
                    ledger.complain("node " + (k + 1) + " reads another stream of " + family.id() + " than node 1");
                }
            }
        }
        List<String> faults = ledger.audit();
        System.out.printf(
                "Ledger: %,d sent, %,d acknowledged, %,d heard: %s%n",
                ledger.sentCount(),
                ledger.acknowledgedCount(),
                ledger.heardCount(),
                faults.isEmpty() ? "all is right" : faults);
        assertThat(faults).as("faults in the books").isEmpty();
        assertThat(ledger.acknowledgedCount()).isEqualTo(ledger.sentCount()).isPositive();
    }

    private static Stream<Set<String>> views(Family family) {
        return family.readers().stream().map(Reader::online).map(HashSet::new);
    }

    /** Everything that a node reads of a family's stream, from before its first position on. */
    private List<Placed> read(Family family, int node, int seal) {
        Sender last = family.senders().get(0);
        List<Placed> read = Collections.synchronizedList(new ArrayList<>());
        Person person = family.readers().get(node).person;
        CountDownLatch end = new CountDownLatch(1);
        try (Crowd crowd = new Crowd(machine.node(node + 1))) {
            crowd.connect(person, message -> {
                        if (message.getString("type").equals("location:broadcast")) {
                            Id id = new Id(
                                    message.getString("userId"),
                                    message.getJsonNumber("altitude").intValue());
                            read.add(new Placed(message.getJsonNumber("offset").longValueExact(), id));
                            if (id.equals(new Id(last.person.id(), seal))) {
                                end.countDown();
                            }
                        }
                    })
                    .resume(begin);
            assertThat(end.await(1, TimeUnit.MINUTES))
                    .as("the whole stream of " + family.id() + " is read by node " + (node + 1))
                    .isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return List.copyOf(read);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        devices.forEach(Device::close);
        deaf.forEach(Crowd::close);
    }
}
