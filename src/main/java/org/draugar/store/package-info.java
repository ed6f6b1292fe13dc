/** The database, opened once; each feature keeps its own repository on it. It imports the settings and {@code monitoring}. */
package org.draugar.store;
