/**
 * The connections of this node, and how each gets its family's events at its own pace. Follows the families' streams
 * ({@link org.draugar.stream}), and knows nothing of locations or presence: it moves
 * {@link org.draugar.stream.Envelope}s, each encoded once per wire format.
 *
 * <p>The flow: the family's stream → its {@code Channel} → the {@code SendQueue} of each
 * {@link org.draugar.delivery.Connection} → its {@link org.draugar.delivery.Transport}.
 */
package org.draugar.delivery;
