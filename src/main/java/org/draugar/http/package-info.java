/** What all HTTP resources share: the application, bounded bodies, and one shape of errors. */
package org.draugar.http;
