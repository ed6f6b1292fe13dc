package org.draugar.http;

import jakarta.ws.rs.NameBinding;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/**
 * An answer that is compressed for whoever can read that. Only for what says the same however often somebody asks: the
 * length of a compressed answer tells whether a text that an attacker chose is like a secret beside it (BREACH).
 */
@NameBinding
@Retention(RetentionPolicy.RUNTIME)
public @interface Gzip {}
