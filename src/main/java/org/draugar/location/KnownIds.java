package org.draugar.location;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.draugar.family.MemberId;
import org.draugar.http.Problem;
import org.draugar.settings.Settings;

/**
 * Knows whether a sender's id has been used, so that a report that is sent again, because its acknowledgement was lost,
 * is acknowledged again and neither told nor kept twice. And counts what a member sends, so that a secret that got out, or
 * an app that runs wild, fills neither the disk nor an hour of its member.
 *
 * <p>A repetition is known by its id among the member's last {@value #LAST_IDS}, and, however long ago the first one
 * came in, by its id and its time of measurement: what a member measured within that hour is looked up in the store
 * then, and remembered while they deliver more. What was measured after everything known is new and needs no look: so
 * the way to the family does not lead through the store. Thread-safe.
 */
@Singleton
class KnownIds {
    static final int LAST_IDS = 512;
    /**
     * Most reports of a member that were measured within one hour. It is more than their devices may send in an hour;
     * without it, those who give each report the same old time would make an hour that takes a second to read.
     */
    static final int MAX_OF_AN_HOUR = 100_000;

    /** On a server with more members, a member's first report is looked up when it comes. */
    private static final int MAX_AT_START = 1000;

    /** As many ids of earlier hours are remembered, of all members together: 16 to 32 bytes each. */
    private static final int MAX_EARLIER = 1_000_000;

    private static final int EARLIER_HOURS = 30;
    /** What is known of a member holds as long after their last report: another server may take in the next ones. */
    private static final long HOLDS_NANOS = TimeUnit.MINUTES.toNanos(5);

    private static final int MAX_MEMBERS = 20_000;

    /** Instead of an answer: only the store can tell. */
    static final PendingReport ASK_STORE = new PendingReport();

    private static final PendingReport STORED = PendingReport.ofStored();

    private final Tracks tracks;
    private final int perSecond;
    private final int maxOfAnHour;
    /** How many ids of earlier hours are remembered. */
    private final AtomicLong earlierIds = new AtomicLong();

    private final Map<MemberId, Ids> members = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<MemberId, Ids> eldest) {
            if (size() > MAX_MEMBERS) {
                eldest.getValue().forgetEarlier();
                return true;
            }
            return false;
        }
    };

    @Inject
    KnownIds(Tracks tracks, Settings settings) {
        this.tracks = tracks;
        this.perSecond = settings.positionsPerSecond();
        // Never less than what they may send in an hour.
        this.maxOfAnHour = (int) Math.max(MAX_OF_AN_HOUR, Math.min(Integer.MAX_VALUE, 4100L * perSecond));
    }

    /** Reads what was acknowledged lately, while the store is there: later a first report would wait for it. */
    void start() {
        tracks.latelyOfAll(MAX_AT_START, (member, lately) -> of(member).learn(lately));
    }

    /**
     * Notes a report, unless its id is known.
     *
     * @param id the sender's own, or null: then the report is new
     * @param mayWait whether the store may be asked, which takes up to some seconds
     * @return what became of an earlier report with this id; null when it is the first; {@link #ASK_STORE} when only the
     *     store can tell, and it may not be asked
     * @throws Problem 429 when the member sends too much, 409 when the hour in which it was measured is full
     */
    PendingReport putIfAbsent(MemberId member, String id, Instant measuredAt, PendingReport fate, boolean mayWait) {
        Ids ids = of(member);
        long hash = id == null ? 0 : StoredReport.hash(id);
        PendingReport answer = ids.putIfAbsent(id, hash, measuredAt, fate);
        while (answer == ASK_STORE && mayWait) {
            // It holds no lock meanwhile: who reads from a phone would wait for it.
            if (ids.isNew()) {
                ids.learn(tracks.lately(member));
            } else {
                IdSet known = new IdSet();
                int reports = tracks.keysOfHour(member, measuredAt, maxOfAnHour, known::add);
                ids.learn(hour(measuredAt), new Hour(known, reports));
            }
            answer = ids.putIfAbsent(id, hash, measuredAt, fate);
        }
        if (earlierIds.get() > MAX_EARLIER) {
            forgetEarlier();
        }
        return answer;
    }

    /** The report with this id is stored, or, when it could not be, may be sent again as if it never had been. */
    void settle(MemberId member, String id, boolean stored) {
        of(member).settle(id, StoredReport.hash(id), stored);
    }

    void forget(MemberId member) {
        synchronized (members) {
            Ids ids = members.remove(member);
            if (ids != null) {
                ids.forgetEarlier();
            }
        }
    }

    /** Looks all up anew, but goes on counting what the member sends. */
    void relearn(MemberId member) {
        synchronized (members) {
            Ids ids = members.get(member);
            if (ids != null) {
                ids.forgetEarlier();
                members.put(member, new Ids(ids.allowance));
            }
        }
    }

    private Ids of(MemberId member) {
        synchronized (members) {
            return members.computeIfAbsent(member, m -> new Ids(new Allowance(perSecond)));
        }
    }

    /** Makes room: who still delivers has them read again. */
    private void forgetEarlier() {
        synchronized (members) {
            members.values().forEach(Ids::forgetEarlier);
            // What was counted and is nobody's any more would clear all of it again and again.
            earlierIds.set(0);
        }
    }

    /** The ids of an hour, and how many reports there are. */
    private static final class Hour {
        private final IdSet ids;
        private int reports;

        Hour(IdSet ids, int reports) {
            this.ids = ids;
            this.reports = reports;
        }
    }

    /** The ids of one member. */
    private final class Ids {
        /** What was sent and is not stored yet. */
        private final Map<String, PendingReport> pending = new HashMap<>();

        private final Ring last = new Ring();
        private Instant newest;
        /** How many reports there are of the hour of the newest. */
        private int ofNewestHour;
        /** The ids within hours before the newest: a phone that was away delivers a day of them, in its own order. */
        private final Map<Long, Hour> earlier = new LinkedHashMap<>(16, 0.75f, true);

        private long earlierUsed;
        private long usedAt;
        private final Allowance allowance;

        Ids(Allowance allowance) {
            this.allowance = allowance;
        }

        /** Whether nothing is known of the member, as after a restart. */
        synchronized boolean isNew() {
            return newest == null;
        }

        synchronized void learn(Tracks.Lately lately) {
            if (newest != null) {
                return;
            }
            usedAt = System.nanoTime();
            newest = lately.newest();
            ofNewestHour = lately.ofItsHour();
            lately.keys().forEach(last::add);
        }

        synchronized void learn(long hour, Hour known) {
            if (earlier.containsKey(hour)) {
                return;
            }
            // What came in since the store was read is among the last.
            last.forEach(known.ids::add);
            if (earlier.size() == EARLIER_HOURS) {
                Long eldest = earlier.keySet().iterator().next();
                earlierIds.addAndGet(-earlier.remove(eldest).ids.size());
            }
            earlier.put(hour, known);
            earlierUsed = System.nanoTime();
            earlierIds.addAndGet(known.ids.size());
        }

        synchronized PendingReport putIfAbsent(String id, long hash, Instant measuredAt, PendingReport fate) {
            PendingReport known = id == null ? null : known(id, hash);
            if (known != null) {
                return known;
            }
            if (newest == null) {
                return ASK_STORE;
            }
            long now = System.nanoTime();
            if (now - usedAt > HOLDS_NANOS) {
                forget();
                return ASK_STORE;
            }
            usedAt = now;
            if (now - earlierUsed > HOLDS_NANOS) {
                forgetEarlier();
            }
            long hour = hour(measuredAt);
            Hour ofHour = earlier.get(hour);
            boolean isNewest = measuredAt.isAfter(newest);
            if (!isNewest) {
                if (ofHour == null) {
                    return ASK_STORE;
                }
                earlierUsed = now;
                if (ofHour.ids.contains(hash)) {
                    return STORED;
                }
            }
            boolean begins = isNewest && hour != hour(newest);
            if ((begins ? 0 : isNewest ? ofNewestHour : ofHour.reports) >= maxOfAnHour) {
                throw new Problem(409, "There are " + maxOfAnHour + " positions of that hour already");
            }
            allowance.take();
            if (id != null) {
                pending.put(id, fate);
                last.add(hash);
            }
            if (isNewest) {
                if (begins) {
                    ofNewestHour = 0;
                }
                newest = measuredAt;
            }
            if (hour == hour(newest)) {
                ofNewestHour++;
            }
            if (ofHour != null) {
                ofHour.reports++;
                if (id != null) {
                    ofHour.ids.add(hash);
                    earlierIds.incrementAndGet();
                }
            }
            return null;
        }

        /** What became of a report that was among the last. */
        private PendingReport known(String id, long hash) {
            PendingReport known = pending.get(id);
            return known == null && last.contains(hash) ? STORED : known;
        }

        private void forget() {
            newest = null;
            last.clear();
            forgetEarlier();
        }

        private synchronized void forgetEarlier() {
            earlierIds.addAndGet(-earlier.values().stream()
                    .mapToLong(hour -> hour.ids.size())
                    .sum());
            earlier.clear();
        }

        synchronized void settle(String id, long hash, boolean stored) {
            pending.remove(id);
            if (!stored) {
                // It may come again.
                last.remove(hash);
                earlier.values().forEach(hour -> hour.ids.remove(hash));
            }
        }
    }

    /** The last ids, by their hashes. */
    private static final class Ring {
        private long[] hashes = new long[16];
        private int next;

        void add(long hash) {
            if (next == hashes.length && next < LAST_IDS) {
                hashes = Arrays.copyOf(hashes, 2 * next);
            }
            hashes[next % hashes.length] = hash;
            next = next + 1 == 2 * LAST_IDS ? LAST_IDS : next + 1;
        }

        boolean contains(long hash) {
            return indexOf(hash) >= 0;
        }

        void clear() {
            hashes = new long[16];
            next = 0;
        }

        void forEach(LongConsumer listener) {
            for (long hash : hashes) {
                if (hash != 0) {
                    listener.accept(hash);
                }
            }
        }

        void remove(long hash) {
            int index = indexOf(hash);
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

    private static long hour(Instant moment) {
        return Math.floorDiv(moment.getEpochSecond(), TimeUnit.HOURS.toSeconds(1));
    }
}
