package org.draugar.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * A server with 256 MB of heap, for one class at a time: there a test may count all connections, and make more of them
 * than anybody has. A class begins when nobody is connected.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SharedServer(heap = "256m")
@ResourceLock("crowded server")
public @interface CrowdedServer {}
