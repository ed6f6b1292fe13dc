package org.draugar.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What was sent, acknowledged, heard and stored, position by position, while servers fail; and whether that fits
 * together: nothing that was acknowledged is missing, nothing is there that nobody sent, everybody heard each position
 * once, in one order, and in the end everybody sees the same. Thread-safe while it is written.
 */
final class Ledger {
    /** Examples that a fault is told with. */
    private static final int EXAMPLES = 5;

    /** A position. @param number the how manieth of its sender it is */
    record Id(String sender, int number) {}

    /** A position in its place. */
    record Placed(long offset, Id id) {}

    private final Set<Id> sent = ConcurrentHashMap.newKeySet();
    private final Set<Id> acknowledged = ConcurrentHashMap.newKeySet();
    private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
    /** By family. */
    private final Map<String, List<Placed>> stored = new ConcurrentHashMap<>();
    /** By family, and there by who looks: who is online. */
    private final Map<String, Map<String, Set<String>>> presence = new ConcurrentHashMap<>();

    private final Collection<String> complaints = new ConcurrentLinkedQueue<>();

    void sent(Id id) {
        sent.add(id);
    }

    void acknowledged(Id id) {
        acknowledged.add(id);
    }

    /** A new page for somebody who reads a family's stream. */
    Subscriber subscriber(String name, String family) {
        Subscriber subscriber = new Subscriber(name, family);
        subscribers.add(subscriber);
        return subscriber;
    }

    /** Everything that the store has of a family in the end, in its order. */
    void stored(String family, List<Placed> positions) {
        stored.put(family, List.copyOf(positions));
    }

    /** Who is online in a family in the end, as one member sees it, that one included. */
    void online(String family, String observer, Set<String> members) {
        presence.computeIfAbsent(family, f -> new ConcurrentHashMap<>()).put(observer, Set.copyOf(members));
    }

    /** Something that must not be, whatever fails, such as an error that means a program is wrong. */
    void complain(String what) {
        complaints.add(what);
    }

    int sentCount() {
        return sent.size();
    }

    int acknowledgedCount() {
        return acknowledged.size();
    }

    long heardCount() {
        return subscribers.stream().mapToLong(Subscriber::count).sum();
    }

    /** What one subscriber heard. */
    final class Subscriber {
        private final String name;
        private final String family;
        private final List<Placed> heard = new ArrayList<>();
        private int gaps;

        private Subscriber(String name, String family) {
            this.name = name;
            this.family = family;
        }

        synchronized void heard(Placed position) {
            heard.add(position);
        }

        /** It was told that something is lost to it. */
        synchronized void missed() {
            gaps++;
        }

        private synchronized int count() {
            return heard.size();
        }

        private synchronized void audit(Findings findings) {
            if (gaps > 0) {
                findings.add("gaps told to a subscriber", name);
            }
            Set<Id> once = new HashSet<>();
            long last = Long.MIN_VALUE;
            for (Placed position : heard) {
                if (!once.add(position.id())) {
                    findings.add("heard twice", name + " " + position);
                } else if (position.offset() <= last) {
                    findings.add("heard out of order", name + " " + position + " after " + last);
                }
                last = Math.max(last, position.offset());
            }
            if (heard.isEmpty() || !stored.containsKey(family)) {
                return;
            }
            Map<Id, Long> places = new HashMap<>();
            for (Placed position : stored.get(family)) {
                places.put(position.id(), position.offset());
                if (position.offset() >= heard.get(0).offset() && !once.contains(position.id())) {
                    findings.add("stored and not heard", name + " " + position);
                }
            }
            for (Placed position : heard) {
                Long place = places.get(position.id());
                if (place == null) {
                    findings.add("heard and not stored", name + " " + position);
                } else if (place != position.offset()) {
                    findings.add("heard in another place than stored", name + " " + position + " stored at " + place);
                }
            }
        }
    }

    /** What does not fit together, one line for each kind of fault; empty when all is well. */
    List<String> audit() {
        Findings findings = new Findings();
        complaints.forEach(complaint -> findings.add("complaints", complaint));
        Set<Id> kept = new HashSet<>();
        stored.forEach((family, positions) -> {
            long last = Long.MIN_VALUE;
            for (Placed position : positions) {
                if (!kept.add(position.id())) {
                    findings.add("stored twice", position);
                }
                if (!sent.contains(position.id())) {
                    findings.add("stored and never sent", position);
                }
                if (position.offset() <= last) {
                    findings.add("stored out of order", position);
                }
                last = position.offset();
            }
        });
        acknowledged.stream()
                .filter(id -> !kept.contains(id))
                .forEach(id -> findings.add("acknowledged and not stored", id));
        subscribers.forEach(subscriber -> subscriber.audit(findings));
        presence.forEach((family, views) -> {
            if (new HashSet<>(views.values()).size() > 1) {
                findings.add("presence seen differently", family + " " + views);
            }
        });
        return findings.lines();
    }

    private static final class Findings {
        private final Map<String, List<String>> byKind = new TreeMap<>();

        void add(String kind, Object example) {
            byKind.computeIfAbsent(kind, k -> new ArrayList<>()).add(example.toString());
        }

        List<String> lines() {
            return byKind.entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + entry.getValue().size() + ", such as "
                            + entry.getValue().stream().limit(EXAMPLES).toList())
                    .toList();
        }
    }
}
