package org.draugar.family;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.PARAMETER;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Of a fact: it came about on this node. What is fired with it is announced to the other nodes of a cluster, which fire it
 * without. An observer with it runs once for each fact, one without it runs on each node.
 */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
@Target({FIELD, PARAMETER})
public @interface Here {}
