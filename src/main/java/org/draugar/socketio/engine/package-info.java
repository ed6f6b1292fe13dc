/**
 * Engine.IO v4 and Socket.IO v5 for any Jakarta EE server, knowing nothing of the application above: an {@link
 * org.draugar.socketio.engine.Engine} keeps sessions at a path, a {@link org.draugar.socketio.engine.SocketServer} gives
 * them events.
 */
package org.draugar.socketio.engine;
