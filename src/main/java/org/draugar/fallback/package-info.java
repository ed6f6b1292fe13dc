/**
 * The door for where WebSocket does not get through: server-sent events down, plain POST up. Also what a script or a
 * cron job uses.
 */
package org.draugar.fallback;
