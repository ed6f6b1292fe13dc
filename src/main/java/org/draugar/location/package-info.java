/**
 * Where the members are: taking a report in, telling the family at once, keeping it, and acknowledging it when it is
 * kept.
 *
 * <p>{@code PositionStore} writes rows, {@code Compaction} moves old ones into packs, {@code Tracks} reads both, {@code
 * Erasure} deletes from both.
 *
 * <p>Out of scope: how reports arrive and leave ({@code protocol} and the doors).
 */
package org.draugar.location;
