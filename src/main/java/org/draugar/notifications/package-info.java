/**
 * What members are told, and how it reaches them with the page closed: written in one transaction with what caused it,
 * and sent from a queue in the store.
 */
package org.draugar.notifications;
