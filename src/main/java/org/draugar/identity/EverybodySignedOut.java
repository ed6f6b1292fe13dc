package org.draugar.identity;

/** The operator has ended every token. */
public record EverybodySignedOut() {}
