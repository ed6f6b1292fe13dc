package org.draugar.cluster;

import jakarta.json.JsonObject;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.draugar.cluster.Ledger.Id;
import org.draugar.cluster.Ledger.Placed;
import org.draugar.support.Person;

/** A device that reads its family's stream, and goes on where it was when it comes back. */
final class Reader extends Device {
    private final Ledger ledger;
    private final Ledger.Subscriber page;
    /** By sender, the highest number heard. */
    private final Map<String, Integer> heard = new HashMap<>();

    private final Set<String> online = new HashSet<>();
    /** Offset of the last position heard, or of where to begin, or 0. */
    private long since;

    private boolean subscribeAgain;

    Reader(Ledger ledger, Ledger.Subscriber page, Person person, List<URI> nodes, int home, long since) {
        super(person, nodes, home);
        this.ledger = ledger;
        this.page = page;
        this.since = since;
    }

    /** The highest number heard of a sender. */
    synchronized int heardOf(String sender) {
        return heard.getOrDefault(sender, 0);
    }

    /** Who is online as this one sees it, itself included. */
    synchronized Set<String> online() {
        Set<String> all = new HashSet<>(online);
        all.add(person.id());
        return all;
    }

    @Override
    void connected() {
        // Who is online is told anew with each connection.
        online.clear();
        subscribe();
    }

    private void subscribe() {
        subscribeAgain = false;
        send(
                since == 0
                        ? "{\"type\":\"location:subscribe\"}"
                        : "{\"type\":\"location:subscribe\",\"since\":" + since + "}");
    }

    @Override
    void heard(String type, JsonObject message) {
        switch (type) {
            case "location:broadcast" -> {
                Id id = new Id(
                        message.getString("userId"),
                        message.getJsonNumber("altitude").intValue());
                since = message.getJsonNumber("offset").longValueExact();
                page.heard(new Placed(since, id));
                heard.merge(id.sender(), id.number(), Math::max);
            }
            case "user:online" -> online.add(message.getString("userId"));
            case "user:offline" -> online.remove(message.getString("userId"));
            case "error" -> {
                switch (message.getString("code")) {
                    case "gap" -> page.missed();
                    case "unavailable" -> subscribeAgain = true;
                    default -> ledger.complain("a reader was told " + message);
                }
            }
            default -> {
                // Pongs, and what belongs to others.
            }
        }
    }

    @Override
    void look() {
        if (subscribeAgain) {
            subscribe();
        }
    }
}
