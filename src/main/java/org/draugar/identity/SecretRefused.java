package org.draugar.identity;

/** Somebody came with a token or a code that opens nothing. */
public record SecretRefused() {}
