/** The published contract: the documents themselves are beside this package's classes, and a test holds them to the code. */
package org.draugar.docs;
