/**
 * Positions as history: the formats they leave and arrive in, and how a track is made smaller for drawing.
 *
 * <p>Everything here streams: a file of many gigabytes takes no more memory than a small one, and a hostile one neither.
 * Out of scope: storing and finding positions ({@code location}).
 */
package org.draugar.formats;
