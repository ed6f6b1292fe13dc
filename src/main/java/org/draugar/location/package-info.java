/**
 * Where the members are: taking a report in, telling the family at once, keeping it, and acknowledging it when it is
 * kept.
 *
 * <p>Out of scope: how reports arrive and leave ({@code protocol} and the doors).
 */
package org.draugar.location;
