package org.draugar.cluster;

import jakarta.json.JsonObject;
import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.draugar.cluster.Ledger.Id;
import org.draugar.support.Person;
import org.draugar.support.Phone;

/** A device that numbers its positions, and sends each again until it is acknowledged. */
final class Sender extends Device {
    private final Ledger ledger;
    /** What is not acknowledged, by its number. */
    private final SortedMap<Integer, String> open = new TreeMap<>();

    private final SortedMap<Integer, String> refused = new TreeMap<>();
    private int last;
    private int acknowledged;

    Sender(Ledger ledger, Person person, List<URI> nodes, int home) {
        super(person, nodes, home);
        this.ledger = ledger;
    }

    /** Sends one more. */
    synchronized void next() {
        last++;
        ledger.sent(id(last));
        // The number travels as altitude, because nobody else is told a sender's own ids.
        String update = Phone.update(64.1, -21.9)
                .add("id", "n" + last)
                .add("altitude", last)
                .add("timestamp", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString())
                .build()
                .toString();
        open.put(last, update);
        send(update);
    }

    /** The number of the last one. */
    synchronized int last() {
        return last;
    }

    /** The highest number that was acknowledged. */
    synchronized int acknowledged() {
        return acknowledged;
    }

    synchronized int waiting() {
        return open.size();
    }

    @Override
    void connected() {
        refused.clear();
        open.values().forEach(this::send);
    }

    @Override
    void heard(String type, JsonObject message) {
        if (type.equals("ack")) {
            int number = number(message);
            open.remove(number);
            acknowledged = Math.max(acknowledged, number);
            ledger.acknowledged(id(number));
        } else if (type.equals("error")) {
            if (message.getString("code").equals("unavailable") && message.containsKey("id")) {
                int number = number(message);
                if (open.containsKey(number)) {
                    refused.put(number, open.get(number));
                }
            } else {
                ledger.complain("a sender was told " + message);
            }
        }
    }

    @Override
    void look() {
        refused.values().forEach(this::send);
        refused.clear();
    }

    private static int number(JsonObject message) {
        return Integer.parseInt(message.getString("id").substring(1));
    }

    private Id id(int number) {
        return new Id(person.id(), number);
    }
}
