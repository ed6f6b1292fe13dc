package org.draugar.location;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.draugar.family.MemberId;

/**
 * Knows whether a sender's id has been used, so that a report that is sent again, because its acknowledgement was lost,
 * is acknowledged again and neither told nor kept twice.
 *
 * <p>A repetition is known by its id among the member's last {@value #LAST_IDS}, and, however long ago the first one
 * came in, by its id and its time of measurement: what a member measured within that hour is looked up in the store
 * then, and remembered while they deliver more. What was measured after everything known is new and needs no look: so
 * the way to the family does not lead through the store. Thread-safe.
 */
@Singleton
class KnownIds {
    private static final int LAST_IDS = 512;
    private static final int MOST_EARLIER = 50_000;
    private static final int EARLIER_HOURS = 30;
    private static final long EARLIER_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int MEMBERS = 20_000;
    /** On a server with more members, a member's first report is looked up when it comes. */
    private static final int MOST_AT_START = 1000;

    private static final Fate STORED = Fate.ofStored();

    private final Tracks tracks;
    private final Map<MemberId, Ids> members = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<MemberId, Ids> eldest) {
            return size() > MEMBERS;
        }
    };

    @Inject
    KnownIds(Tracks tracks) {
        this.tracks = tracks;
    }

    /** Reads what was acknowledged lately, while the store is there: later a first report would wait for it. */
    void start() {
        tracks.latelyOfAll(MOST_AT_START, (member, lately) -> {
            Ids ids = of(member);
            synchronized (ids) {
                ids.learn(lately);
            }
        });
    }

    /** @return what became of an earlier report with this id, or null when it is the first */
    Fate putIfAbsent(MemberId member, String id, Instant measuredAt, Fate fate) {
        Ids ids = of(member);
        synchronized (ids) {
            return ids.putIfAbsent(member, id, measuredAt, fate);
        }
    }

    /** The report with this id is stored, or, when it could not be, may be sent again as if it never had been. */
    void settle(MemberId member, String id, boolean stored) {
        of(member).settle(id, stored);
    }

    void forget(MemberId member) {
        synchronized (members) {
            members.remove(member);
        }
    }

    private Ids of(MemberId member) {
        synchronized (members) {
            return members.computeIfAbsent(member, m -> new Ids());
        }
    }

    /** The ids of one member. */
    private final class Ids {
        /** What was sent and is not stored yet. */
        private final Map<String, Fate> pending = new ConcurrentHashMap<>();

        /** What could not be stored, and may come again. */
        private final Set<String> failed = ConcurrentHashMap.newKeySet();

        private final Ring last = new Ring();
        private Instant newest;
        /** The ids within hours before the newest: a phone that was away delivers a day of them, in its own order. */
        private final Map<Instant, Set<Long>> earlier = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Instant, Set<Long>> eldest) {
                return size() > EARLIER_HOURS;
            }
        };

        private long earlierUsed;

        Fate putIfAbsent(MemberId member, String id, Instant measuredAt, Fate fate) {
            Fate known = pending.get(id);
            if (known != null) {
                return known;
            }
            if (failed.remove(id)) {
                last.remove(id);
                earlier.values().forEach(ids -> ids.remove(hash(id)));
            }
            if (newest == null) {
                // After a restart the store knows what was acknowledged.
                learn(tracks.lately(member));
            }
            if (last.contains(id) || (!measuredAt.isAfter(newest) && isEarlier(member, id, measuredAt))) {
                return STORED;
            }
            pending.put(id, fate);
            last.add(id);
            if (measuredAt.isAfter(newest)) {
                newest = measuredAt;
                if (!earlier.isEmpty() && System.nanoTime() - earlierUsed > EARLIER_NANOS) {
                    earlier.clear();
                }
            }
            Set<Long> ofHour = earlier.isEmpty() ? null : earlier.get(hour(measuredAt));
            if (ofHour != null && ofHour.size() < MOST_EARLIER) {
                ofHour.add(hash(id));
            }
            return null;
        }

        void learn(List<Kept> lately) {
            newest = Instant.MIN;
            for (Kept kept : lately) {
                newest = kept.report().measuredAt();
                if (kept.id() != null) {
                    last.add(kept.id());
                }
            }
        }

        private boolean isEarlier(MemberId member, String id, Instant measuredAt) {
            earlierUsed = System.nanoTime();
            return earlier.computeIfAbsent(hour(measuredAt), hour -> tracks.around(member, measuredAt).stream()
                            .map(Kept::id)
                            .filter(Objects::nonNull)
                            .map(KnownIds::hash)
                            .collect(Collectors.toCollection(HashSet::new)))
                    .contains(hash(id));
        }

        /** Takes no lock: the journal's writer comes here, and whoever holds the lock may be waiting for the writer. */
        void settle(String id, boolean stored) {
            if (!stored) {
                failed.add(id);
            }
            pending.remove(id);
        }
    }

    /** The last ids, by their hashes. */
    private static final class Ring {
        private long[] hashes = new long[16];
        private int next;

        void add(String id) {
            if (next == hashes.length && next < LAST_IDS) {
                hashes = Arrays.copyOf(hashes, 2 * next);
            }
            hashes[next % hashes.length] = hash(id);
            next = next + 1 == 2 * LAST_IDS ? LAST_IDS : next + 1;
        }

        boolean contains(String id) {
            return indexOf(hash(id)) >= 0;
        }

        void remove(String id) {
            int index = indexOf(hash(id));
            if (index >= 0) {
                hashes[index] = 0;
            }
        }

        private int indexOf(long hash) {
            for (int i = 0; i < hashes.length; i++) {
                if (hashes[i] == hash) {
                    return i;
                }
            }
            return -1;
        }
    }

    private static Instant hour(Instant moment) {
        return moment.truncatedTo(ChronoUnit.HOURS);
    }

    /** 64 bits of its SHA-256: that another one has the same is less likely than a broken disk. */
    private static long hash(String id) {
        try {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(sum).getLong() | 1;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
