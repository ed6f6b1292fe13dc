package org.draugar.formats;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.draugar.formats.ImportStream.Broken;
import org.draugar.formats.XmlTokens.Event;
import org.draugar.location.Times;

/**
 * Reads the track points of GPX 1.0 and 1.1. Speed and course are members of a point in 1.0; in 1.1 they are found in
 * its extensions, whoever's they are: software agrees on the names, not on the namespace. A flaw of the XML costs the
 * point that it is in at most, and is told with its line.
 */
final class GpxReader implements TrackReader {
    private static final int MAX_TEXT = 64;
    private static final String FLAW = "flaw of the XML, which was read over: ";
    /** Some apps put a picture into a waypoint; it is passed over. */
    private static final int MAX_BYTES_OF_VALUE = 16 << 20;

    private static final Set<String> VALUES = Set.of(
            "ele",
            "time",
            "speed",
            "course",
            "bearing",
            "accuracy",
            "hAcc",
            "battery",
            "charging",
            "activity",
            "alarm");

    private static final Pattern ENCODING = Pattern.compile("<\\?xml[^>]{0,100}encoding\\s*=\\s*[\"']([^\"']{1,40})");

    private final Charset charset;
    private final StringBuilder text = new StringBuilder();
    private Tally tally;
    private XmlTokens xml;
    private String format;
    private Point point;

    /** A track point as its members come by. */
    private record Point(int depth, int line, String latitude, String longitude, Map<String, String> values) {}

    /**
     * @param charset by the first bytes; what the file says counts where those leave it open
     * @param start of the file
     */
    GpxReader(Charset charset, String start) {
        this.charset = charset.equals(StandardCharsets.UTF_8) ? said(start) : charset;
    }

    private static Charset said(String start) {
        Matcher said = ENCODING.matcher(start);
        try {
            // What begins with ASCII is not UTF-16, whatever it says.
            return said.find()
                            && !said.group(1).toUpperCase(java.util.Locale.ROOT).matches("UTF.?(16|32).*")
                    ? Charset.forName(said.group(1))
                    : StandardCharsets.UTF_8;
        } catch (IllegalArgumentException e) {
            return StandardCharsets.UTF_8;
        }
    }

    @Override
    public String read(ImportStream in, Tally tally) throws IOException, UnknownFormat {
        this.tally = tally;
        in.allowValues(MAX_BYTES_OF_VALUE);
        LenientText characters = new LenientText(in, charset);
        xml = new XmlTokens(characters, in, Set.of("lat", "lon", "version", "xmlns"), this::flaw);
        try {
            Event event;
            while ((event = xml.next()) != Event.END_OF_FILE) {
                take(event);
            }
            if (xml.depth() > 0) {
                throw new Broken("the rest of the file: it is not well-formed XML, or cut off");
            }
        } catch (Broken e) {
            if (format != null) {
                tally.notUnderstood(e.getMessage(), line());
            }
        }
        if (format == null) {
            throw new UnknownFormat("This looks like XML, but is not well-formed");
        }
        if (characters.flawedLine() > 0) {
            tally.notUnderstood(
                    FLAW + "an encoding that is not the one that it says", () -> "line " + characters.flawedLine());
        }
        return format;
    }

    private void flaw(String what) {
        tally.notUnderstood(FLAW + what, line());
    }

    private Supplier<String> line() {
        return () -> "line " + xml.line();
    }

    private void take(Event event) throws UnknownFormat {
        switch (event) {
            case START -> {
                text.setLength(0);
                start();
            }
            case TEXT -> {
                if (point != null && text.length() <= MAX_TEXT) {
                    text.append(xml.text());
                }
            }
            case END -> end(xml.name());
            case DOCTYPE -> throw new UnknownFormat("This XML file has a document type declaration, and GPX has none");
            case END_OF_FILE -> {}
        }
    }

    private void start() throws UnknownFormat {
        if (format == null) {
            if (!xml.name().equals("gpx")) {
                throw new UnknownFormat("This is XML, but not GPX");
            }
            String version = xml.attribute("version");
            format = "1.0".equals(version) || "1.1".equals(version) ? "GPX " + version : "GPX";
        }
        switch (xml.name()) {
            case "trkpt" -> {
                if (point != null) {
                    flaw("an element that never ends");
                    xml.leave(point.depth);
                    take(point);
                }
                point = new Point(xml.depth(), xml.line(), xml.attribute("lat"), xml.attribute("lon"), new HashMap<>());
            }
            case "wpt" -> tally.notUnderstood("waypoint (wpt), which is a place and not part of a track", line());
            case "rte" -> tally.notUnderstood("route (rte), which is a plan and not a track", line());
            default -> {}
        }
    }

    private void end(String name) {
        if (point != null && xml.depth() == point.depth) {
            take(point);
            point = null;
        } else if (point != null && VALUES.contains(name) && text.length() <= MAX_TEXT) {
            // The extensions come after the point's own, and may have a time of something else.
            boolean own = xml.depth() == point.depth + 1;
            if (own || !(name.equals("time") || name.equals("ele"))) {
                point.values.putIfAbsent(name, text.toString().strip());
            }
        }
    }

    private void take(Point taken) {
        Map<String, String> values = taken.values;
        tally.position(
                Details.number(taken.latitude),
                Details.number(taken.longitude),
                Times.read(values.get("time")),
                new Details(
                        Details.number(values.getOrDefault("accuracy", values.get("hAcc"))),
                        Details.number(values.get("ele")),
                        Details.number(values.get("speed")),
                        Details.number(values.getOrDefault("course", values.get("bearing"))),
                        Details.number(values.get("battery")),
                        Details.flag(values.get("charging")),
                        values.get("activity"),
                        values.get("alarm")),
                () -> "line " + taken.line);
    }
}
