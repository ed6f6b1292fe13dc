/** What only the person who runs the server may do. They show that they are by a key that lies in the data folder. */
package org.draugar.operator;
