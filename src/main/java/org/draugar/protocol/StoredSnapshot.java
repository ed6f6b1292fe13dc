package org.draugar.protocol;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.Map;
import org.draugar.delivery.Envelope;
import org.draugar.delivery.Snapshot;
import org.draugar.family.FamilyId;
import org.draugar.location.Locations;

/** The latest state of a family from the store: everybody's last known position. */
@Singleton
class StoredSnapshot implements Snapshot {
    private final Locations locations;

    @Inject
    StoredSnapshot(Locations locations) {
        this.locations = locations;
    }

    @Override
    public Map<Envelope.Key, Envelope> load(FamilyId family) {
        Map<Envelope.Key, Envelope> stored = new LinkedHashMap<>();
        for (Locations.Kept kept : locations.latest(family)) {
            stored.put(
                    new Envelope.Key("location", kept.member()),
                    LocationEnvelopes.of(kept.member(), kept.memberName(), kept.device(), kept.report())
                            .at(kept.offset()));
        }
        return stored;
    }
}
