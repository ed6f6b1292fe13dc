/**
 * Draugar: real-time location sharing for families, on their own server.
 *
 * <p>The flow of a position, from door to family: a door ({@code websocket}, {@code socketio}, {@code fallback},
 * {@code trackers}) hands the message to {@code location.LocationSharing}, which checks it. {@code protocol.FanOut} writes
 * it as one event and appends it to the family's {@code stream}, which gives it its place: {@code location.PositionStore} keeps
 * it, and {@code delivery.Hub} follows the stream, so that its channel of the family queues the event for every
 * connection, and each connection's outbox sends it through its door. When it is stored, its sender is told, and
 * {@code location.LocationShared} is fired.
 */
package org.draugar;
