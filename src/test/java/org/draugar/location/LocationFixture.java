package org.draugar.location;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.draugar.family.Caller;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.stream.Offsets;

/** Keeps positions where no container does. */
public final class LocationFixture implements AutoCloseable {
    private final PositionStore positions;
    private final Tracks tracks;
    private long offset = Offsets.now();

    public LocationFixture(Store store, Settings settings) {
        positions = new PositionStore(store);
        positions.start(Thread::new);
        tracks = new Tracks(store, positions, settings);
    }

    public Tracks tracks() {
        return tracks;
    }

    /** Waits until they are safe. */
    public void keep(Caller sender, List<Fix> fixes) {
        List<CompletableFuture<Void>> stored = fixes.stream()
                .map(fix -> {
                    CompletableFuture<Void> one = new CompletableFuture<>();
                    positions.reserve(fix);
                    positions.append(
                            new StoredReport(sender.family(), sender.member(), sender.device(), ++offset, null, fix),
                            one);
                    return one;
                })
                .toList();
        stored.forEach(CompletableFuture::join);
    }

    @Override
    public void close() {
        positions.stop();
    }
}
