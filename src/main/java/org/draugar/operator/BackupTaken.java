package org.draugar.operator;

/** The operator has taken a copy of the whole store. */
public record BackupTaken() {}
