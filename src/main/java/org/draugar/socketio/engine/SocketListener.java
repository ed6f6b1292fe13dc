package org.draugar.socketio.engine;

import java.util.List;

/** Hears one client in one namespace, one call at a time. */
public interface SocketListener {

    /** The client has been told that it is in. */
    default void connected() {}

    /**
     * An event.
     *
     * @param name its name
     * @param arguments each as JSON; where one holds an attachment, {@code {"_placeholder":true,"num":0}} stands for it
     * @param attachments binary data, by number
     * @param answer gives the acknowledgement, to be called once; null where none was asked for
     */
    void event(String name, List<String> arguments, List<byte[]> attachments, Answer answer);

    /**
     * The client has gone.
     *
     * @param reason for the log
     */
    void disconnected(String reason);

    /** Takes the arguments of an acknowledgement, each as JSON, and their attachments. */
    @FunctionalInterface
    interface Answer {
        void send(List<String> arguments, List<byte[]> attachments);
    }
}
