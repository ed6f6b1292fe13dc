package org.draugar.family;

import java.util.Optional;

/**
 * Identifies a device of a member: a phone, a browser, a script.
 *
 * @param value a random positive number
 */
public record DeviceId(long value) {

    /** A new one. */
    public static DeviceId random() {
        return new DeviceId(Ids.random());
    }

    /** Reads the form that {@link #toString()} writes. */
    public static Optional<DeviceId> parse(String text) {
        return Ids.parse(text).map(DeviceId::new);
    }

    @Override
    public String toString() {
        return Ids.text(value);
    }
}
