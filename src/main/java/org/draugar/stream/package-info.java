/**
 * The events of each family, in one order. {@link org.draugar.stream.FamilyStream} gives an event its place and tells it
 * to those who follow the family; it has two implementations, for this process and for the engine of a cluster, and one
 * contract test for both. Knows nothing of what the events are about.
 */
package org.draugar.stream;
