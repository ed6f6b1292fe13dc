package org.draugar.stream;

/** A wire format: how a door writes an event. One instance per format, since envelopes remember by identity. */
@FunctionalInterface
public interface Framing {

    /** The text that goes over the wire. */
    String frame(Envelope envelope);
}
