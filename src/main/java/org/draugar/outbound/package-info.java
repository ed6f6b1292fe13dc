/**
 * Calls of addresses that members have named. They are hostile: they may lie inside the operator's network, never answer,
 * or never end.
 */
package org.draugar.outbound;
