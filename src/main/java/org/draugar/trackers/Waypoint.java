package org.draugar.trackers;

/**
 * A place that a member shares out of OwnTracks.
 *
 * @param madeAt when it was made, in seconds since 1970, by which the app knows it
 * @param latitude degrees
 * @param longitude degrees
 * @param radius metres
 */
public record Waypoint(long madeAt, String name, double latitude, double longitude, double radius) {}
