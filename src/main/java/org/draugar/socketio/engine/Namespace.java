package org.draugar.socketio.engine;

/** A place that clients connect to, such as {@code /}. */
@FunctionalInterface
public interface Namespace {

    /**
     * Somebody wants in.
     *
     * @param auth what they say about themselves: a JSON object
     * @return what hears them from here on
     * @throws ConnectionRefused when they may not; they are told its message
     */
    SocketListener connect(Socket socket, String auth) throws ConnectionRefused;
}
