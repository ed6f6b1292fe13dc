/**
 * The keys to positions that only the family's devices can read: each member's public key, and the group key wrapped for
 * it by a device that has it. The server passes packages on and cannot open them, unless the family has chosen that it
 * makes the keys itself.
 *
 * <p>Out of scope: the encrypted positions ({@code location}), which nothing here ever sees.
 */
package org.draugar.encryption;
