/** The door for Socket.IO clients at {@code /socket.io/}; the protocol itself is in {@code engine}. */
package org.draugar.socketio;
