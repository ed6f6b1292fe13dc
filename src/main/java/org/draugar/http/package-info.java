/**
 * What all doors share: the HTTP application, bounded bodies, and one shape of errors.
 */
package org.draugar.http;
