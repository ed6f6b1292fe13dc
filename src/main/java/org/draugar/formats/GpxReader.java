package org.draugar.formats;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import javax.xml.XMLConstants;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.draugar.formats.ImportStream.Broken;

/**
 * Reads the track points of GPX 1.0 and 1.1. Speed and course are members of a point in 1.0; in 1.1 they are found in
 * its extensions, whoever's they are: software agrees on the names, not on the namespace.
 */
final class GpxReader implements TrackReader {
    private static final int MOST_DEPTH = 64;
    private static final int MOST_NAMES = 1000;
    private static final int MOST_TEXT = 64;

    private static final Set<String> VALUES =
            Set.of("ele", "time", "speed", "course", "bearing", "accuracy", "battery", "charging", "activity", "alarm");

    private final Set<String> names = new HashSet<>();
    private final StringBuilder text = new StringBuilder();
    private int depth;
    private String format;
    private Point point;

    /** A track point as its members come by. */
    private record Point(int depth, int line, String latitude, String longitude, Map<String, String> values) {}

    @Override
    public String read(ImportStream in, Tally tally) throws IOException, UnknownFormat {
        XMLStreamReader xml = null;
        try {
            xml = factory().createXMLStreamReader(in);
            while (xml.hasNext()) {
                int event = xml.next();
                in.valueEnded();
                take(xml, event, tally);
            }
        } catch (XMLStreamException e) {
            in.throwFailure();
            broken("the rest of the file: it is not well-formed XML, or cut off", xml, tally);
        } catch (Broken e) {
            broken(e.getMessage(), xml, tally);
        }
        return format;
    }

    private static XMLInputFactory factory() {
        // The JDK's, whatever the server brings: only of this one it is tested what a hostile file can do.
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        // A document type could name files of this server (XXE), or entities that grow to gigabytes.
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        return factory;
    }

    private void broken(String what, XMLStreamReader xml, Tally tally) throws UnknownFormat {
        if (format == null) {
            throw new UnknownFormat("This looks like XML, but is not well-formed");
        }
        tally.notUnderstood(what, line(xml));
    }

    private static Supplier<String> line(XMLStreamReader xml) {
        return () -> "line " + xml.getLocation().getLineNumber();
    }

    private void take(XMLStreamReader xml, int event, Tally tally) throws UnknownFormat {
        switch (event) {
            case XMLStreamConstants.START_ELEMENT -> {
                text.setLength(0);
                start(xml, tally);
            }
            case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                if (point != null) {
                    int room = MOST_TEXT + 1 - text.length();
                    text.append(xml.getTextCharacters(), xml.getTextStart(), Math.min(room, xml.getTextLength()));
                }
            }
            case XMLStreamConstants.END_ELEMENT -> end(xml.getLocalName(), tally);
            case XMLStreamConstants.DTD ->
                throw new UnknownFormat("This XML file has a document type declaration, and GPX has none");
            case XMLStreamConstants.PROCESSING_INSTRUCTION -> name(xml.getPITarget());
            default -> {}
        }
    }

    private void start(XMLStreamReader xml, Tally tally) throws UnknownFormat {
        if (++depth > MOST_DEPTH) {
            throw new Broken("the rest of the file: it is nested deeper than " + MOST_DEPTH + " levels");
        }
        names(xml);
        if (depth == 1) {
            if (!xml.getLocalName().equals("gpx")) {
                throw new UnknownFormat("This is XML, but not GPX");
            }
            String version = xml.getAttributeValue(null, "version");
            format = "1.0".equals(version) || "1.1".equals(version) ? "GPX " + version : "GPX";
        }
        switch (xml.getLocalName()) {
            case "trkpt" ->
                point = new Point(
                        depth,
                        xml.getLocation().getLineNumber(),
                        xml.getAttributeValue(null, "lat"),
                        xml.getAttributeValue(null, "lon"),
                        new HashMap<>());
            case "wpt" -> tally.notUnderstood("waypoint (wpt), which is a place and not part of a track", line(xml));
            case "rte" -> tally.notUnderstood("route (rte), which is a plan and not a track", line(xml));
            default -> {}
        }
    }

    private void end(String name, Tally tally) {
        if (point != null && depth == point.depth) {
            take(point, tally);
            point = null;
        } else if (point != null && VALUES.contains(name) && text.length() <= MOST_TEXT) {
            // The extensions come after the point's own, and may have a time of something else.
            boolean own = depth == point.depth + 1;
            if (own || !(name.equals("time") || name.equals("ele"))) {
                point.values.putIfAbsent(name, text.toString().strip());
            }
        }
        depth--;
    }

    private static void take(Point point, Tally tally) {
        Map<String, String> values = point.values;
        tally.position(
                Details.number(point.latitude),
                Details.number(point.longitude),
                time(values.get("time")),
                new Details(
                        Details.number(values.get("accuracy")),
                        Details.number(values.get("ele")),
                        Details.number(values.get("speed")),
                        Details.number(values.getOrDefault("course", values.get("bearing"))),
                        Details.number(values.get("battery")),
                        Details.flag(values.get("charging")),
                        values.get("activity"),
                        values.get("alarm")),
                () -> "line " + point.line);
    }

    private static Instant time(String text) {
        try {
            return text == null ? null : Iso8601.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** The parser remembers every name it has seen: a file of ever new ones would fill the memory. */
    private void names(XMLStreamReader xml) {
        name(xml.getLocalName());
        name(xml.getPrefix());
        for (int i = 0; i < xml.getAttributeCount(); i++) {
            name(xml.getAttributeLocalName(i));
            name(xml.getAttributePrefix(i));
        }
        for (int i = 0; i < xml.getNamespaceCount(); i++) {
            name(xml.getNamespacePrefix(i));
            name(xml.getNamespaceURI(i));
        }
    }

    private void name(String name) {
        if (names.add(name) && names.size() > MOST_NAMES) {
            throw new Broken("the rest of the file: it has more than " + MOST_NAMES + " different names");
        }
    }
}
