/** The database, opened once; each feature keeps its own repository on it. Imports only the settings. */
package org.draugar.store;
