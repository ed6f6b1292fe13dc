/**
 * Who is calling: device tokens, how they are got by joining, and the filters that every request and every upgrade
 * passes before it reaches a door.
 *
 * <p>Out of scope: passwords and accounts elsewhere. A device token is the only credential.
 */
package org.draugar.identity;
