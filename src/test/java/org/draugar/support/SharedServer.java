package org.draugar.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that meet at a running server, each with families of its own: one server for all classes that ask for the same
 * one, started when the first of them needs it. Constructors and test methods may take the {@link Server}, and the
 * {@link ServerProcess} where they look at its log or its files.
 *
 * <p>Classes run at the same time: what a test says of "all connections" it must say on a server where nobody else is.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(SharedServers.class)
public @interface SharedServer {
    /** What is set besides, such as {@code DRAUGAR_HISTORY=off}. */
    String[] settings() default {};

    /** The most heap that it may take. */
    String heap() default "512m";

    /** Whether it is the echo on the Socket.IO engine, and not Draugar. */
    boolean echo() default false;
}
