package org.draugar.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.draugar.UberJar;
import org.draugar.socketio.echo.Echo;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;

/**
 * The echo application on a server of its own, for the test suites of the protocols: {@code mvn -Pecho}, or with
 * another port than 3000 {@code mvn -Pecho -Ddraugar.echo.port=4000}.
 */
public final class EchoServer {
    private EchoServer() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        File war = Path.of("target", "echo.war").toFile();
        Echo.war().as(ZipExporter.class).exportTo(war, true);
        String port = System.getProperty("draugar.echo.port", "3000");
        Process server = UberJar.start(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Ddraugar.host=127.0.0.1",
                        "-jar",
                        Path.of("target", "payara-micro.jar").toString(),
                        "--deploy",
                        war.getPath(),
                        "--contextroot",
                        "/",
                        "--port",
                        port,
                        "--nohazelcast")
                .inheritIO());
        System.out.printf("The echo application starts at http://localhost:%s/%n", port);
        server.waitFor();
    }
}
