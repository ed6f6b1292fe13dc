package org.draugar.trackers;

import org.draugar.places.Place;

/**
 * A place that a member shares out of OwnTracks.
 *
 * @param madeAt when it was made, in seconds since 1970, by which the app knows it
 * @param latitude degrees
 * @param longitude degrees
 * @param radius metres
 */
record Waypoint(long madeAt, String name, double latitude, double longitude, double radius) {

    /** A place with what the app says of it; a circle of another size than places may have is as near to it as can be. */
    Place in(Place before) {
        return new Place(
                before.id(),
                before.family(),
                before.createdBy(),
                before.madeAt(),
                name,
                latitude,
                longitude,
                Math.min(Math.max(radius, Place.LEAST_RADIUS), Place.MOST_RADIUS),
                before.icon());
    }
}
