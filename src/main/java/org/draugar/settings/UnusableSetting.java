package org.draugar.settings;

/** A setting that cannot be used. The message is one line that says what was expected. */
public final class UnusableSetting extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * @param variable the environment variable
     * @param expected what would have been right
     * @param found what was there, or null where repeating it could give a secret away
     */
    public UnusableSetting(String variable, String expected, String found) {
        super(variable + ": expected " + expected + (found == null ? "" : ", but found \"" + found + "\""));
    }
}
