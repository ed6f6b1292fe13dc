/**
 * Several servers as one: what devices sent and heard is written down in a {@link org.draugar.cluster.Ledger}, while nodes,
 * engine, database and the lines between them fail.
 */
package org.draugar.cluster;
