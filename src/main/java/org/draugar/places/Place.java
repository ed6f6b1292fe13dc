package org.draugar.places;

import java.util.List;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.family.Name;
import org.draugar.http.Problem;

/**
 * A circle with a name. Everybody in the family sees it; who made it and admins change it.
 *
 * @param createdBy who made it; it goes with them
 * @param madeAt when, in seconds since 1970: no other of the same member has the same, as OwnTracks knows its waypoints
 *     by it
 * @param latitude of its centre, degrees, WGS 84
 * @param longitude of its centre, degrees, WGS 84
 * @param radius metres, {@value #LEAST_RADIUS} to {@value #MOST_RADIUS}
 * @param icon one of {@link #ICONS}
 */
public record Place(
        PlaceId id,
        FamilyId family,
        MemberId createdBy,
        long madeAt,
        String name,
        double latitude,
        double longitude,
        double radius,
        String icon) {
    /** Phones do not know better where they are. */
    public static final int LEAST_RADIUS = 50;

    public static final int MOST_RADIUS = 50_000;
    public static final List<String> ICONS = List.of("home", "school", "work", "sport", "friends", "other");

    /** The same with what was wanted, checked. What is null stays as it is. @throws Problem 400 */
    Place with(String newName, Double newLatitude, Double newLongitude, Double newRadius, String newIcon) {
        return new Place(
                id,
                family,
                createdBy,
                madeAt,
                newName == null ? name : Name.check("name", newName),
                newLatitude == null ? latitude : range("latitude", newLatitude, -90, 90),
                newLongitude == null ? longitude : range("longitude", newLongitude, -180, 180),
                newRadius == null ? radius : range("radius", newRadius, LEAST_RADIUS, MOST_RADIUS),
                newIcon == null ? icon : icon(newIcon));
    }

    private static double range(String what, double value, int least, int most) {
        // Written so that NaN fails too.
        if (!(value >= least && value <= most)) {
            throw new Problem(400, what + ": expected a number from " + least + " to " + most);
        }
        return value;
    }

    private static String icon(String wanted) {
        if (!ICONS.contains(wanted)) {
            throw new Problem(400, "icon: expected one of " + String.join(", ", ICONS));
        }
        return wanted;
    }
}
