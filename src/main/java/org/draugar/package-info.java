/**
 * Draugar: real-time location sharing for families, on their own server.
 *
 * <p>The flow of a position, from door to family: a door ({@code websocket}, {@code fallback}) hands the frame to
 * {@code protocol.Conversation}, which calls {@code location.LocationSharing}; that fires
 * {@code location.LocationShared}; {@code protocol.FanOut} writes it as one event for {@code delivery.Hub}, whose
 * channel of the family queues it for every connection, and each connection's outbox sends it through its door.
 */
package org.draugar;
