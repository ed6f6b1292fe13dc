/** Real clients for the tests: a person with a token, a phone with a WebSocket, a server with its HTTP API. */
package org.draugar.support;
