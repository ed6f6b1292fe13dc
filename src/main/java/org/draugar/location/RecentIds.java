package org.draugar.location;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.draugar.family.MemberId;

/**
 * The ids that each member's devices used lately, with whether what they named is stored yet. A phone that heard no
 * acknowledgement sends again; by this it gets the one of the first time, and the family is not told twice. The table's
 * unique key guards what is older than the window. Thread-safe.
 */
@Singleton
class RecentIds {
    private static final int IDS = 64;
    private static final int MEMBERS = 20_000;
    private static final CompletableFuture<Void> STORED = CompletableFuture.completedFuture(null);

    private final Locations locations;
    private final Map<MemberId, Window> windows = new Latest<>(MEMBERS);

    @Inject
    RecentIds(Locations locations) {
        this.locations = locations;
    }

    /** @return what became of an earlier report with this id, or null when it is the first */
    CompletableFuture<Void> putIfAbsent(MemberId member, String id, CompletableFuture<Void> stored) {
        Window window;
        synchronized (windows) {
            window = windows.computeIfAbsent(member, m -> new Window());
        }
        synchronized (window) {
            if (!window.loaded) {
                // After a restart the store knows what was acknowledged.
                locations.latestIds(member, IDS).forEach(known -> window.ids.putIfAbsent(known, STORED));
                window.loaded = true;
            }
            return window.ids.putIfAbsent(id, stored);
        }
    }

    void forget(MemberId member, String id) {
        Window window;
        synchronized (windows) {
            window = windows.get(member);
        }
        if (window != null) {
            synchronized (window) {
                window.ids.remove(id);
            }
        }
    }

    void forget(MemberId member) {
        synchronized (windows) {
            windows.remove(member);
        }
    }

    private static final class Window {
        final Map<String, CompletableFuture<Void>> ids = new Latest<>(IDS);
        boolean loaded;
    }

    private static final class Latest<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1L;
        private final int most;

        Latest(int most) {
            super(16, 0.75f, true);
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > most;
        }
    }
}
