/**
 * Which map of streets there is. Browsers fetch it themselves from where it is, and only when the server's owner has set
 * one.
 */
package org.draugar.map;
