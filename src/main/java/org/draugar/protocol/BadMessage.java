package org.draugar.protocol;

/** A message that is none of the contract's; the text says what is wrong and what would be right. */
final class BadMessage extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadMessage(String message) {
        super(message);
    }

    /** A hostile peer sends many of these, and nobody looks at where in our code they were found. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
