/**
 * What members want to be told about each other: that somebody arrives or leaves, that a battery is low, that nothing is
 * heard; and what they ask of each other: help, a sign of life, where one is. Whatever is told is a notification in the
 * transaction of what it is about, with a key that makes it once.
 */
package org.draugar.alerts;
