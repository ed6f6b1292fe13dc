/**
 * What a live client may say and hear, whichever door it comes through: the messages of the contract, the conversation
 * that turns them into calls of the features, and the fan-out that turns the features' facts into events for the family.
 */
package org.draugar.protocol;
