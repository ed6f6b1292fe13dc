/** Who is online: a member is, while at least one of their devices is connected. */
package org.draugar.presence;
