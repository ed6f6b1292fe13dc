package org.draugar.store;

import java.sql.SQLException;
import java.util.Set;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * A statement that the database refused, without the words that the database found for it: they repeat what is in the
 * row, such as names and addresses, and exceptions end in the log. It says the statement and the SQLSTATE.
 */
final class StatementFailed extends JdbiException {
    private static final long serialVersionUID = 1L;

    /** Classes of SQLSTATE about the database and not about rows: connections, resources, its operator, its system. */
    private static final Set<String> HARMLESS_CLASSES = Set.of("08", "53", "57", "58");

    /** The same of H2, which has a number for each: about its files, and about being closed. */
    private static final Set<Integer> HARMLESS_ERRORS = Set.of(90020, 90028, 90030, 90031, 90067, 90098, 90121);

    private StatementFailed(SQLException cause, StatementContext context) {
        super("SQLSTATE " + cause.getSQLState() + " of: " + context.getRenderedSql());
    }

    /** To be asked before Jdbi throws an exception of its own, with the database's as its cause. */
    static void check(SQLException cause, StatementContext context) {
        String state = cause.getSQLState();
        boolean harmless = (state != null && state.length() == 5 && HARMLESS_CLASSES.contains(state.substring(0, 2)))
                || HARMLESS_ERRORS.contains(cause.getErrorCode());
        if (!harmless) {
            throw new StatementFailed(cause, context);
        }
    }
}
