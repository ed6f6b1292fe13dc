package org.draugar.places;

import java.util.Optional;
import org.draugar.family.Ids;

/**
 * Identifies a place, {@code placeId} on the wire.
 *
 * @param value a random positive number
 */
public record PlaceId(long value) {

    /** A new one. */
    public static PlaceId random() {
        return new PlaceId(Ids.random());
    }

    /** Reads the form that {@link #toString()} writes. */
    public static Optional<PlaceId> parse(String text) {
        return Ids.parse(text).map(PlaceId::new);
    }

    @Override
    public String toString() {
        return Ids.text(value);
    }
}
