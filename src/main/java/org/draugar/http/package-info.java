/**
 * What all doors share: the HTTP application, bounded bodies, one shape of errors, and ways to send to a peer that never
 * wait for it.
 */
package org.draugar.http;
