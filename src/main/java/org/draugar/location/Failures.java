package org.draugar.location;

import java.sql.SQLException;

/** Tells a store that refuses a row from one that cannot be reached. */
final class Failures {
    private Failures() {}

    /** SQLSTATE classes 22 (data exception) and 23 (integrity constraint): trying again will not help. */
    static boolean isRejected(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            for (SQLException e = cause instanceof SQLException sql ? sql : null; e != null; e = e.getNextException()) {
                String state = e.getSQLState();
                if (state != null && (state.startsWith("22") || state.startsWith("23"))) {
                    return true;
                }
            }
        }
        return false;
    }
}
