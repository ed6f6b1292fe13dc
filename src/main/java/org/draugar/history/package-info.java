/**
 * Where members have been, for them to read, take along, bring in and delete. The files are the business of
 * {@code formats}, the positions that of {@code location}.
 */
package org.draugar.history;
