package org.draugar.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.draugar.socketio.echo.Echo;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Starts the servers of {@link SharedServer} and ends them with the run; after each class its server's log is quiet. */
final class SharedServers implements ParameterResolver, BeforeAllCallback, AfterAllCallback {
    private static final Namespace SERVERS = Namespace.create(SharedServers.class);

    /** Families may be started; a Home Assistant may be at one of two ports, a push service and a mail server at another. */
    private static final Map<String, String> SETTINGS = Map.of(
            "DRAUGAR_SIGNUP",
            "open",
            "DRAUGAR_WEBHOOKS",
            "http://127.0.0.1:28123,http://127.0.0.1:28125",
            "DRAUGAR_NOTIFY_ORIGINS",
            "http://127.0.0.1:28127",
            "DRAUGAR_SMTP",
            "smtp://127.0.0.1:28128?from=draugar@family.example");

    /** A server, once it answers. */
    private record Running(ServerProcess process, Server server) implements AutoCloseable {
        static Running start(SharedServer wanted) {
            try {
                Path folder = Files.createTempDirectory(
                        Files.createDirectories(Path.of("target", "servers").toAbsolutePath()), "");
                if (wanted.echo()) {
                    // A name that makes it the application at "/" on every server.
                    File war = folder.resolve("ROOT.war").toFile();
                    Echo.war().as(ZipExporter.class).exportTo(war);
                    ServerProcess echo = ServerProcess.start(folder.resolve("server"), war.toPath());
                    // WildFly warns of what the echo has taken out of Draugar, and that it does without CDI.
                    echo.log().expect("WFLYEE0007");
                    echo.log().expect("WFLYWELD0013");
                    return new Running(echo, echo.awaitReady("/sessions"));
                }
                Map<String, String> settings = new HashMap<>(SETTINGS);
                settings.put("DRAUGAR_DATA", folder.resolve("data").toString());
                for (String setting : wanted.settings()) {
                    String[] parts = setting.split("=", 2);
                    settings.put(parts[0], parts[1]);
                }
                ServerProcess process = ServerProcess.start(folder.resolve("server"), wanted.heap(), settings);
                return new Running(process, process.awaitReady());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            process.close();
        }
    }

    private static Running running(ExtensionContext context) {
        SharedServer wanted = wanted(context);
        String kind = wanted.echo() + wanted.heap() + List.of(wanted.settings());
        return context.getRoot()
                .getStore(SERVERS)
                .getOrComputeIfAbsent(kind, k -> Running.start(wanted), Running.class);
    }

    private static SharedServer wanted(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getRequiredTestClass(), SharedServer.class)
                .orElseThrow();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Server.class || type == ServerProcess.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Running running = running(context);
        return parameter.getParameter().getType() == Server.class ? running.server() : running.process();
    }

    /** On a crowded server, peers of the class before may be gone without a goodbye: they count until that is noticed. */
    @Override
    public void beforeAll(ExtensionContext context) {
        if (AnnotationSupport.isAnnotated(context.getRequiredTestClass(), CrowdedServer.class)) {
            Server server = running(context).server();
            Server.await("nobody is connected", Duration.ofSeconds(90), () -> server.connections() == 0);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertThat(running(context).process().log().unexpected())
                .as("trouble that the server logged while this class and those beside it ran")
                .isEmpty();
    }
}
