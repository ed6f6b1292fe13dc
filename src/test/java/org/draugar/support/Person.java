package org.draugar.support;

/** A member of a family with a signed-in device. */
public record Person(String token, String id, String name) {}
