/**
 * What the nodes of a cluster tell each other beside the families' events: facts that change what a node has in memory,
 * and who is online. A fact is committed first and announced then, and says only what to read again; after the line was
 * down, everything that it could have told is read again. A server that is alone does the same, and nobody hears it.
 */
package org.draugar.cluster;
