package org.draugar.places;

import java.util.List;

/** The places of a family, in a form that is quick to ask where something is. Immutable. */
final class Circles {
    private static final double EARTH_RADIUS = 6_371_008.8;
    private static final double METRES_PER_DEGREE = Math.toRadians(EARTH_RADIUS);
    /** Room for rounding, and for the sphere's being none: nobody in a circle is out of its box. */
    private static final double MARGIN = 1.01;

    private final Place[] places;
    /** Half the height and width of the box around each circle, in degrees. */
    private final double[] halfLatitude;

    private final double[] halfLongitude;

    Circles(List<Place> all) {
        places = all.toArray(Place[]::new);
        halfLatitude = new double[places.length];
        halfLongitude = new double[places.length];
        for (int i = 0; i < places.length; i++) {
            double half = places[i].radius() * MARGIN / METRES_PER_DEGREE;
            double furthest = Math.min(Math.abs(places[i].latitude()) + half, 90);
            halfLatitude[i] = half;
            halfLongitude[i] = Math.min(half / Math.max(Math.cos(Math.toRadians(furthest)), 1e-9), 180);
        }
    }

    int size() {
        return places.length;
    }

    Place get(int i) {
        return places[i];
    }

    /** A place by its id, or null. */
    Place find(PlaceId id) {
        for (Place place : places) {
            if (place.id().equals(id)) {
                return place;
            }
        }
        return null;
    }

    /**
     * Looks through the boxes: a few comparisons for each, so that a thousand take some microseconds.
     *
     * @param first where to begin
     * @return the next place whose box has the point in it, or {@link #size()}
     */
    int next(int first, double latitude, double longitude) {
        for (int i = first; i < places.length; i++) {
            if (Math.abs(latitude - places[i].latitude()) <= halfLatitude[i]) {
                double apart = Math.abs(longitude - places[i].longitude());
                if (Math.min(apart, 360 - apart) <= halfLongitude[i]) {
                    return i;
                }
            }
        }
        return places.length;
    }

    /** Metres on the sphere (haversine). */
    static double distance(double latitude1, double longitude1, double latitude2, double longitude2) {
        double halfLatitude = Math.toRadians(latitude2 - latitude1) / 2;
        double halfLongitude = Math.toRadians(longitude2 - longitude1) / 2;
        double a = Math.pow(Math.sin(halfLatitude), 2)
                + Math.cos(Math.toRadians(latitude1))
                        * Math.cos(Math.toRadians(latitude2))
                        * Math.pow(Math.sin(halfLongitude), 2);
        return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(a)));
    }
}
