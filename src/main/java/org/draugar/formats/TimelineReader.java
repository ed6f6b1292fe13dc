package org.draugar.formats;

import jakarta.json.stream.JsonParser.Event;
import java.io.IOException;
import java.nio.charset.Charset;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.draugar.formats.ImportStream.Broken;

/**
 * Reads what Google Timeline (once Location History) exports. Google documents none of it; the first two formats are
 * described at <a href="https://locationhistoryformat.com">locationhistoryformat.com</a>, the others only by those who
 * read them.
 *
 * <ul>
 *   <li>{@code Records.json} of Takeout, until 2024: {@code locations[]}, what the devices measured, with coordinates in
 *       degrees times 10⁷.
 *   <li>A month of Semantic Location History of Takeout, until 2024: {@code timelineObjects[]}, each an
 *       {@code activitySegment} or a {@code placeVisit}.
 *   <li>{@code Timeline.json} of an Android device, since 2024: {@code semanticSegments[]} with coordinates such as
 *       {@code "46.05°, 14.5°"}, and what was measured of late in {@code rawSignals[]}.
 *   <li>{@code location-history.json} of an iPhone, since 2024: an array of the same segments, with coordinates such as
 *       {@code "geo:46.05,14.5"}, numbers as text, and times of a path as minutes since its start.
 * </ul>
 *
 * <p>A visit gives two positions, one of coming and one of leaving.
 */
final class TimelineReader implements TrackReader {
    private static final int MAX_TEXT = 128;

    /** A year: what is more could leave the times that can be told. */
    private static final int MAX_MINUTES = 366 * 24 * 60;

    /** Every member that is looked at below. */
    private static final Set<String> NAMES = Set.of(
            """
            LatLng accuracy accuracyMeters accuracyMm activity activitySegment activityType altitude altitudeMeters
            batteryCharging centerLatE7 centerLngE7 childVisits confidence duration durationMinutesOffsetFromStartTime end
            endLocation endTime endTimestamp endTimestampMs heading hierarchyLevel latE7 latLng latitudeE7
            lngE7 location longitudeE7 placeLocation placeVisit point points position rawSignal signal
            simplifiedRawPath
            speedMetersPerSecond start startLocation startTime startTimestamp startTimestampMs time
            timelineMemory timelinePath timestamp timestampMs topCandidate type velocity visit waypointPath
            waypoints"""
                    .split("\\s+"));

    /** The arrays that hold positions. */
    private enum Section {
        LOCATIONS("locations", "Google Records.json"),
        OBJECTS("timelineObjects", "Google Semantic Location History"),
        SEGMENTS("semanticSegments", "Google Timeline of Android"),
        SIGNALS("rawSignals", "Google Timeline of Android"),
        EDITS("timelineEdits", "Google Timeline Edits"),
        /** Not in an array of a name: each says by its members what it is. */
        ENTRIES("", "Google Timeline of an iPhone");

        static final Map<String, Section> BY_NAME = Stream.of(LOCATIONS, OBJECTS, SEGMENTS, SIGNALS, EDITS)
                .collect(Collectors.toMap(section -> section.name, Function.identity()));

        final String name;
        final String format;

        Section(String name, String format) {
            this.name = name;
            this.format = format;
        }
    }

    private final Charset charset;
    private Tally tally;
    private Section section;
    private long index;
    private String format;

    TimelineReader(Charset charset) {
        this.charset = charset;
    }

    @Override
    public String read(ImportStream in, Tally tally) throws IOException, UnknownFormat {
        this.tally = tally;
        LenientText text = new LenientText(in, charset);
        try {
            file(new JsonElements(in, new Concatenated(text), NAMES, MAX_TEXT));
        } catch (Broken e) {
            if (format != null) {
                tally.notUnderstood(e.getMessage(), this::where);
            }
        }
        if (format == null) {
            throw new UnknownFormat("This is no JSON of Google Timeline");
        }
        if (text.flawedLine() > 0) {
            tally.notUnderstood("text that is not UTF-8, which was read over", () -> "line " + text.flawedLine());
        }
        return format;
    }

    /** What follows one another in the file, most often one value alone: arrays of entries, entries, or objects of arrays. */
    private void file(JsonElements json) throws IOException {
        json.next();
        for (long line = 0; json.next() != Event.END_ARRAY; line++) {
            section = Section.ENTRIES;
            index = line;
            if (json.event() == Event.START_ARRAY) {
                elements(json);
            } else if (json.event() == Event.START_OBJECT) {
                object(json, line);
            }
        }
    }

    private void object(JsonElements json, long line) throws IOException {
        Map<String, JsonTree> members = new HashMap<>();
        boolean arrays = false;
        while (json.next() == Event.KEY_NAME) {
            String name = json.text();
            Section named = Section.BY_NAME.get(name);
            if (json.next() == Event.START_ARRAY && named != null) {
                arrays = true;
                section = named;
                format = format == null ? named.format : format;
                elements(json);
            } else if (NAMES.contains(name)) {
                members.put(name, json.tree());
            } else {
                json.skip();
            }
        }
        if (!arrays && !members.isEmpty()) {
            section = Section.ENTRIES;
            index = line;
            entry(new JsonTree(null, members, List.of()));
        }
    }

    private void elements(JsonElements json) throws IOException {
        for (index = 0; json.next() != Event.END_ARRAY; index++) {
            JsonTree element = json.tree();
            switch (section) {
                case LOCATIONS -> location(element);
                case OBJECTS -> timelineObject(element);
                case SEGMENTS -> segment(element);
                case SIGNALS -> signal(element);
                case EDITS -> edit(element);
                case ENTRIES -> entry(element);
            }
        }
    }

    /** An entry outside of the arrays that have names. */
    private void entry(JsonTree entry) {
        if (has(entry, "latitudeE7") || has(entry, "latE7")) {
            found(Section.LOCATIONS);
            location(entry);
        } else if (has(entry, "activitySegment") || has(entry, "placeVisit")) {
            found(Section.OBJECTS);
            timelineObject(entry);
        } else if (has(entry, "rawSignal")) {
            found(Section.EDITS);
            edit(entry);
        } else if (has(entry, "position")) {
            found(Section.SIGNALS);
            signal(entry);
        } else {
            segment(entry);
        }
    }

    private static boolean has(JsonTree entry, String name) {
        return !entry.get(name).isMissing();
    }

    private void found(Section kind) {
        format = format == null ? kind.format : format;
    }

    private String where() {
        return section == null ? "" : section.name + "[" + index + "]";
    }

    /** Where a part of the element is. */
    private Supplier<String> where(String part) {
        return () -> where() + "." + part;
    }

    private Supplier<String> where(String path, int point) {
        return () -> where() + "." + path + "[" + point + "]";
    }

    private void location(JsonTree location) {
        place(
                location,
                time(location, "timestamp"),
                new Details(
                        location.get("accuracy").number(),
                        location.get("altitude").number(),
                        location.get("velocity").number(),
                        location.get("heading").number(),
                        null,
                        Details.flag(location.get("batteryCharging").text()),
                        likeliest(location.get("activity")),
                        null),
                this::where);
    }

    /** Of the first of several guesses, each with the confidence in its kinds of activity. */
    private static String likeliest(JsonTree guesses) {
        return guesses.elements().stream()
                .limit(1)
                .flatMap(guess -> guess.get("activity").elements().stream())
                .max(Comparator.comparingDouble(kind -> {
                    Double confidence = kind.get("confidence").number();
                    return confidence == null ? 0 : confidence;
                }))
                .map(kind -> activity(kind.get("type")))
                .orElse(null);
    }

    private void timelineObject(JsonTree object) {
        JsonTree segment = object.get("activitySegment");
        JsonTree visit = object.get("placeVisit");
        if (!segment.isMissing()) {
            activitySegment(segment);
        } else if (!visit.isMissing()) {
            placeVisit(visit);
        } else {
            tally.notUnderstood("entry that is no activity and no visit", this::where);
        }
    }

    private void activitySegment(JsonTree segment) {
        Instant start = time(segment.get("duration"), "startTimestamp");
        Instant end = time(segment.get("duration"), "endTimestamp");
        Details details = Details.activity(activity(segment.get("activityType")));
        place(segment.get("startLocation"), start, details, where("activitySegment.startLocation"));
        List<JsonTree> waypoints = segment.get("waypointPath", "waypoints").elements();
        if (!rawPath(segment, details.activity(), "activitySegment.simplifiedRawPath.points")
                && start != null
                && end != null) {
            // Google's guess at the road, without times: evenly spread, the way is told at least.
            Duration step = Duration.between(start, end).dividedBy(waypoints.size() + 1L);
            for (int i = 0; i < waypoints.size(); i++) {
                Instant at = start.plus(step.multipliedBy(i + 1L));
                place(waypoints.get(i), at, details, where("activitySegment.waypointPath.waypoints", i));
            }
        }
        place(segment.get("endLocation"), end, details, where("activitySegment.endLocation"));
    }

    private void placeVisit(JsonTree visit) {
        JsonTree location = visit.get("location");
        JsonTree duration = visit.get("duration");
        Map<String, JsonTree> center =
                Map.of("latitudeE7", visit.get("centerLatE7"), "longitudeE7", visit.get("centerLngE7"));
        JsonTree place = has(location, "latitudeE7") || has(location, "latE7")
                ? location
                : new JsonTree(null, center, List.of());
        place(place, time(duration, "startTimestamp"), Details.NONE, where("placeVisit"));
        rawPath(visit, null, "placeVisit.simplifiedRawPath.points");
        place(place, time(duration, "endTimestamp"), Details.NONE, where("placeVisit"));
        visit.get("childVisits").elements().forEach(child -> visitWithinVisit());
    }

    private boolean rawPath(JsonTree parent, String activity, String path) {
        List<JsonTree> points = parent.get("simplifiedRawPath", "points").elements();
        for (int i = 0; i < points.size(); i++) {
            JsonTree point = points.get(i);
            Double accuracy = point.get("accuracyMeters").number();
            Details details = new Details(accuracy, null, null, null, null, null, activity, null);
            place(point, time(point, "timestamp"), details, where(path, i));
        }
        return !points.isEmpty();
    }

    private void segment(JsonTree segment) {
        Instant start = segment.get("startTime").time();
        Instant end = segment.get("endTime").time();
        JsonTree path = segment.get("timelinePath");
        JsonTree visit = segment.get("visit");
        JsonTree activity = segment.get("activity");
        if (path.isMissing()
                && visit.isMissing()
                && activity.isMissing()
                && segment.get("timelineMemory").isMissing()) {
            tally.notUnderstood("entry that is no path, no visit and no activity", this::where);
            return;
        }
        found(section);
        for (int i = 0; i < path.elements().size(); i++) {
            JsonTree point = path.elements().get(i);
            coordinates(point.get("point"), pathTime(point, start), Details.NONE, where("timelinePath", i));
        }
        if (!visit.isMissing()) {
            Double level = visit.get("hierarchyLevel").number();
            if (level != null && level > 0) {
                visitWithinVisit();
            } else {
                JsonTree place = visit.get("topCandidate", "placeLocation");
                coordinates(place, start, Details.NONE, where("visit"));
                coordinates(place, end, Details.NONE, where("visit"));
            }
        }
        if (!activity.isMissing()) {
            Details details = Details.activity(activity(activity.get("topCandidate", "type")));
            coordinates(activity.get("start"), start, details, where("activity.start"));
            coordinates(activity.get("end"), end, details, where("activity.end"));
        }
    }

    /** The shop in the mall: at the same time as the visit to the mall, which was taken. */
    private void visitWithinVisit() {
        tally.notUnderstood("visit within a visit, which was taken", this::where);
    }

    private static Instant pathTime(JsonTree point, Instant start) {
        Double minutes = point.get("durationMinutesOffsetFromStartTime").number();
        boolean relative = point.get("time").isMissing() && start != null && minutes != null;
        return relative && Math.abs(minutes) <= MAX_MINUTES
                ? start.plusSeconds(Math.round(minutes * 60))
                : point.get("time").time();
    }

    /** Other signals are no positions: radio stations heard, and guesses at an activity. */
    private void signal(JsonTree signal) {
        JsonTree position = signal.get("position");
        if (!position.isMissing()) {
            coordinates(
                    has(position, "LatLng") ? position.get("LatLng") : position.get("latLng"),
                    position.get("timestamp").time(),
                    details(position.get("accuracyMeters").number(), position),
                    this::where);
        }
    }

    private static Details details(Double accuracy, JsonTree position) {
        return new Details(
                accuracy,
                position.get("altitudeMeters").number(),
                position.get("speedMetersPerSecond").number(),
                null,
                null,
                null,
                null,
                null);
    }

    /** A change to what Google's server knows; a signal that was added may be a position. */
    private void edit(JsonTree edit) {
        if (!has(edit, "rawSignal")) {
            tally.notUnderstood("edit of the timeline that adds no signal", this::where);
            return;
        }
        JsonTree position = edit.get("rawSignal", "signal", "position");
        if (!position.isMissing()) {
            Double millimetres = position.get("accuracyMm").number();
            place(
                    position.get("point"),
                    position.get("timestamp").time(),
                    details(millimetres == null ? null : millimetres / 1000, position),
                    this::where);
        }
    }

    /** Takes a position of the older formats, in degrees times 10⁷. */
    private void place(JsonTree place, Instant at, Details details, Supplier<String> where) {
        tally.position(
                degrees(place, "latitudeE7", "latE7"), degrees(place, "longitudeE7", "lngE7"), at, details, where);
    }

    private static Double degrees(JsonTree place, String name, String otherName) {
        JsonTree value = place.get(name);
        Double e7 = (value.isMissing() ? place.get(otherName) : value).number();
        if (e7 == null) {
            return null;
        }
        // Exports of some years hold what is negative as unsigned, 2³² too large.
        return (e7 > Integer.MAX_VALUE ? e7 - (1L << 32) : e7) / 1e7;
    }

    /** Takes a position of the newer formats: Android wraps the text at times in an object, an iPhone never does. */
    private void coordinates(JsonTree place, Instant at, Details details, Supplier<String> where) {
        String text = place.text() == null ? place.get("latLng").text() : place.text();
        Coordinates found = Coordinates.parse(text);
        tally.position(
                found == null ? null : Double.valueOf(found.latitude()),
                found == null ? null : Double.valueOf(found.longitude()),
                at,
                details,
                where);
    }

    /** Exports before 2022 hold times as milliseconds since 1970, in a member of another name. */
    private static Instant time(JsonTree parent, String name) {
        JsonTree time = parent.get(name);
        return (time.isMissing() ? parent.get(name + "Ms") : time).time();
    }

    private static String activity(JsonTree type) {
        return type.text() == null ? null : type.text().toLowerCase(Locale.ROOT);
    }
}
