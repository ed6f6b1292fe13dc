package org.draugar.monitoring;

import java.util.Optional;

/**
 * A part of the server that can tell whether it works: every bean that implements this is asked once a second, by one
 * thread, and {@code /api/health} tells what it said.
 */
public interface HealthCheck {

    /**
     * What is wrong, and what it means, in one sentence for the operator; empty when nothing is. It says nothing about
     * anybody, because strangers read it too. It may take some seconds to find out.
     */
    Optional<String> trouble();
}
