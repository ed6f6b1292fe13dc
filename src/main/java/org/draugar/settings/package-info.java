/**
 * Typed settings with defaults and clear errors. Imports nothing else of Draugar.
 *
 * <p>Out of scope: changing a setting while the server runs.
 */
package org.draugar.settings;
