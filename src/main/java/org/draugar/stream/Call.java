package org.draugar.stream;

import redis.clients.jedis.CommandArguments;

/** An order to the engine, and what to do with its answer. */
abstract class Call {
    /** Which one it is of all that go over its line, from 1; in order. */
    private long number;

    /** @param run which run of the engine it goes to */
    abstract CommandArguments command(String run);

    /** Runs in the line's writing thread: must be quick. */
    abstract void answered(Object answer);

    /** Whether the order was carried out is not known. May run in the caller's thread: must be quick. */
    abstract void failed(RuntimeException reason);

    /** How many bytes it takes, about. */
    int size() {
        return 200;
    }

    /** Is about to be sent. */
    void numbered(long newNumber) {
        number = newNumber;
    }

    long number() {
        return number;
    }
}
