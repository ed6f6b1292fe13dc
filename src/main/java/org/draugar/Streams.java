package org.draugar;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.draugar.settings.Settings;
import org.draugar.stream.Engine;
import org.draugar.stream.FamilyStream;
import org.draugar.stream.LocalStream;
import org.draugar.stream.Nodes;

/** Chooses what carries the families' streams: this process, or the engine of a cluster. */
@Singleton
class Streams {
    private final Optional<Engine> engine;
    private final FamilyStream local = new LocalStream();

    @Inject
    Streams(Settings settings) {
        engine = settings.cluster().map(Engine::new);
    }

    /**
     * Connects in the background.
     *
     * @param written completes when what this node was given a place for is stored
     */
    void start(ThreadFactory threads, Supplier<CompletionStage<Void>> written) {
        engine.ifPresent(found -> {
            found.settleBy(written);
            found.start(threads);
        });
    }

    void stop() {
        engine.ifPresent(Engine::close);
    }

    @Produces
    @Singleton
    FamilyStream stream() {
        return engine.map(Engine::stream).orElse(local);
    }

    @Produces
    @Singleton
    Nodes nodes() {
        return engine.map(Engine::nodes).orElse(Nodes.NONE);
    }
}
