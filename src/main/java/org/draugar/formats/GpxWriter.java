package org.draugar.formats;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.util.Iterator;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.draugar.location.Fix;

/**
 * Writes a track as GPX 1.1 (<a href="https://www.topografix.com/GPX/1/1/">topografix.com/GPX/1/1</a>).
 *
 * <p>GPX 1.1 has a place for the altitude and the time only. Speed and bearing go into Garmin's TrackPointExtension v2
 * as {@code speed} and {@code course}, which most software reads; the rest goes into a namespace of our own. Not into
 * {@code hdop}: that is a ratio, and an accuracy is in metres.
 */
public final class GpxWriter {
    static final String GPX = "http://www.topografix.com/GPX/1/1";
    static final String GARMIN = "http://www.garmin.com/xmlschemas/TrackPointExtension/v2";
    static final String DRAUGAR = "urn:draugar:gpx:1";

    private static final int REPLACEMENT = 0xFFFD;

    private final XMLStreamWriter xml;

    private GpxWriter(XMLStreamWriter xml) {
        this.xml = xml;
    }

    /**
     * Writes one track with a new segment after every gap. Positions are taken one by one, and the stream is not
     * closed.
     *
     * @param name of the track, any text
     * @throws IOException of the stream
     */
    public static void write(OutputStream out, String name, Iterator<Fix> track) throws IOException {
        try {
            // The JDK's, whatever the server brings: the same bytes everywhere.
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out, "UTF-8");
            new GpxWriter(xml).write(name, track);
            xml.flush();
        } catch (XMLStreamException e) {
            throw e.getNestedException() instanceof IOException io ? io : new IOException(e);
        }
    }

    private void write(String name, Iterator<Fix> track) throws XMLStreamException {
        xml.writeStartDocument("UTF-8", "1.0");
        xml.writeStartElement("gpx");
        xml.writeDefaultNamespace(GPX);
        xml.writeNamespace("gpxtpx", GARMIN);
        xml.writeNamespace("draugar", DRAUGAR);
        xml.writeAttribute("version", "1.1");
        xml.writeAttribute("creator", "Draugar");
        xml.writeStartElement("trk");
        element("name", name);
        Fix last = null;
        while (track.hasNext()) {
            Fix fix = track.next();
            if (last == null) {
                xml.writeStartElement("trkseg");
            } else if (Segments.isGap(last, fix)) {
                xml.writeEndElement();
                xml.writeStartElement("trkseg");
            }
            point(fix);
            last = fix;
        }
        xml.writeEndDocument();
    }

    private void point(Fix fix) throws XMLStreamException {
        xml.writeStartElement("trkpt");
        xml.writeAttribute("lat", decimal(fix.latitude()));
        xml.writeAttribute("lon", decimal(fix.longitude()));
        if (fix.altitude() != null) {
            element("ele", decimal(fix.altitude()));
        }
        element("time", Iso8601.format(fix.measuredAt()));
        boolean garmin = fix.speed() != null || fix.bearing() != null;
        if (garmin
                || fix.accuracy() != null
                || fix.battery() != null
                || fix.charging() != null
                || fix.activity() != null
                || fix.alarm() != null) {
            xml.writeStartElement("extensions");
            if (garmin) {
                xml.writeStartElement("gpxtpx:TrackPointExtension");
                element("gpxtpx:speed", fix.speed());
                // The schema ends below 360.
                element("gpxtpx:course", fix.bearing() == null ? null : fix.bearing() % 360);
                xml.writeEndElement();
            }
            element("draugar:accuracy", fix.accuracy());
            element("draugar:battery", fix.battery());
            if (fix.charging() != null) {
                element("draugar:charging", fix.charging().toString());
            }
            if (fix.activity() != null) {
                element("draugar:activity", fix.activity());
            }
            if (fix.alarm() != null) {
                element("draugar:alarm", fix.alarm());
            }
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    private void element(String name, Double value) throws XMLStreamException {
        if (value != null) {
            element(name, decimal(value));
        }
    }

    private void element(String name, String text) throws XMLStreamException {
        xml.writeStartElement(name);
        xml.writeCharacters(xmlText(text));
        xml.writeEndElement();
    }

    /** An {@code xsd:decimal}, which knows no exponent. */
    private static String decimal(double value) {
        return BigDecimal.valueOf(value).toPlainString();
    }

    /** Without the characters that XML cannot hold, not even escaped (XML 1.0, section 2.2). */
    private static String xmlText(String text) {
        StringBuilder allowed = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c == '\t'
                                || c == '\n'
                                || c == '\r'
                                || (c >= ' ' && c < Character.MIN_SURROGATE)
                                || (c > Character.MAX_SURROGATE && c < 0xFFFE)
                                || c > 0xFFFF
                        ? c
                        : REPLACEMENT)
                .forEach(allowed::appendCodePoint);
        return allowed.toString();
    }
}
