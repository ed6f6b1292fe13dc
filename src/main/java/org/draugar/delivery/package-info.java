/**
 * The family's live stream: who is connected, in which order events go out, and how each connection gets them at its
 * own pace. Knows nothing of locations or presence: it moves {@link org.draugar.delivery.Envelope}s, each encoded once
 * per wire format.
 *
 * <p>The flow: {@link org.draugar.delivery.Hub} → the family's {@code Channel} → the {@code Outbox} of each
 * {@link org.draugar.delivery.Connection} → its {@link org.draugar.delivery.Transport}.
 */
package org.draugar.delivery;
