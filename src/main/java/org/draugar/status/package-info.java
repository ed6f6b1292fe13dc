/** How the server is doing. */
package org.draugar.status;
