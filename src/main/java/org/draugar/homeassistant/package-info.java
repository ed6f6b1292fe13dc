/**
 * A member's positions on their way to their own Home Assistant, by its webhooks. Never in the way of anybody live, and
 * only to where the person who runs the server allows it.
 */
package org.draugar.homeassistant;
