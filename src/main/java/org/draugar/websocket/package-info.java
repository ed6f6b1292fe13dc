/** The door for Draugar's own protocol: JSON messages over a WebSocket at {@code /ws}. */
package org.draugar.websocket;
