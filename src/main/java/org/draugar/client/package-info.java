/**
 * A client for devices and programs in Java, published as {@code draugar-client.jar}: it keeps what it was given until
 * the server has promised to keep it, and misses nothing of what the family does. Uses nothing else of Draugar, only
 * the published contract.
 */
package org.draugar.client;
