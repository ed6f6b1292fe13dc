package org.draugar.socketio;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.draugar.family.DeviceId;

/** The places of clients, also of those who were cut off within the last two minutes. Thread-safe. */
final class Places {
    private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final int MOST = 50_000;

    /** Those who came last are last. */
    private final Map<String, Place> places = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Place> eldest) {
            return size() > MOST || isOver(eldest.getValue());
        }
    };

    synchronized void put(Place place) {
        places.put(place.pid(), place);
    }

    /** Gives a place back to its device. Whoever still sits there is a connection that has not noticed its end. */
    Optional<Place> take(String pid, DeviceId device) {
        Place place;
        synchronized (this) {
            place = pid == null ? null : places.get(pid);
            if (place == null || !place.device().equals(device) || isOver(place)) {
                return Optional.empty();
            }
            // So that it becomes the last again.
            places.remove(pid);
        }
        Visit stale = place.visit();
        if (stale != null) {
            stale.supersede();
        }
        return Optional.of(place);
    }

    private static boolean isOver(Place place) {
        return place.visit() == null && place.leftAt() != 0 && System.nanoTime() - place.leftAt() > KEPT_NANOS;
    }
}
