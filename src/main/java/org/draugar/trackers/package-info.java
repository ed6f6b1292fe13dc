/**
 * The doors for the trackers that people already have: OwnTracks, Traccar Client and whatever else speaks OsmAnd,
 * Overland, GPSLogger. Each turns a message into the same position as everybody else's, its units converted here and
 * nowhere else, and answers so that the app neither loses a point nor blocks its queue. Also how a tracker is set up and
 * how it does.
 *
 * <p>What decides between the status codes: what an app could not do better by sending it again, it is told to be done
 * with; what the store could not take, it is told to send again.
 */
package org.draugar.trackers;
