/**
 * Frames and responses on the containers' streams, without a thread that waits for a peer. Where a container upgrades
 * through Jakarta Servlet, texts go to its stream as they are; elsewhere the container writes them, in batches.
 */
package org.draugar.transport;
