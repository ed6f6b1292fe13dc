package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.draugar.support.Overlay;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The image that the {@code Containerfile} describes, built and run with what Debian has and without an engine: buildah on a
 * base that debootstrap makes, and runc. The container is as {@code compose.yaml} says: no root, no capabilities, a root
 * that is read-only; but for the network, which it shares with this machine.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ContainerIT {
    private static final String CODE = "CNTANER23456";

    @TempDir
    Path folder;

    private String container;

    @Test
    void runsWithoutRightsAndKeepsItsData() throws Exception {
        assumeTrue(
                ServerProcess.CONTAINER.equals("payara-micro"),
                "The container has the jar: it is tested once, with Payara Micro");
        assumeTrue("root".equals(System.getProperty("user.name")), "Skipped: only root may make a container here");
        for (String program : List.of("buildah", "debootstrap", "runc")) {
            assumeTrue(
                    Stream.of("/usr/bin/", "/usr/sbin/").anyMatch(bin -> Files.exists(Path.of(bin + program))),
                    "Skipped: " + program + " is not installed");
        }
        // What may mount nothing can make no container either.
        Overlay.openOrSkip().close();
        JsonObject image = build();
        Path data = Files.createDirectory(folder.resolve("data"));
        run("chown", image.getString("User"), data.toString());

        Person anna;
        try (ServerProcess process = start(image, data)) {
            Server server = process.awaitReady();
            anna = server.join(CODE, "Anna");
            try (Phone phone = Phone.connect(server, anna)) {
                phone.send(Phone.update(64.1, -21.9).add("id", "kept"));
                phone.hear("ack");
            }
            inside("healthy");
            assertThat(inside("id", "-u")).isEqualTo("3001\n");
            assertThat(inside("sh", "-c", "touch /here 2> /dev/null || echo refused"))
                    .isEqualTo("refused\n");
            runc("kill", "draugar", "TERM");
            process.awaitExit();
        }
        try (ServerProcess process = start(image, data)) {
            Server server = process.awaitReady();
            assertThat(server.get("/api/users/" + anna.id() + "/locations", anna)
                            .json()
                            .getJsonArray("locations"))
                    .hasSize(1);
            runc("kill", "draugar", "TERM");
            process.awaitExit();
        }
    }

    /** Builds the image; returns its configuration, as the image specification of OCI has it. */
    private JsonObject build() throws Exception {
        String mirror = run("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Component: main")
                .lines()
                .findFirst()
                .orElse("");
        assumeTrue(!mirror.isEmpty(), "Skipped: apt knows no address of Debian's packages");
        String release =
                Files.readString(Path.of("/etc/os-release")).replaceAll("(?s).*VERSION_CODENAME=(\\w+).*", "$1");
        Path base = folder.resolve("base");
        Process bootstrap = new ProcessBuilder("debootstrap", "--variant=minbase", release, base.toString(), mirror)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assumeTrue(bootstrap.waitFor() == 0, "Skipped: debootstrap gets no packages here");
        String scratch = buildah("from", "scratch").strip();
        buildah("add", "--quiet", scratch, base.toString(), "/");
        buildah("commit", "--quiet", scratch, "base");
        buildah("rm", scratch);
        buildah(
                "build",
                "--isolation",
                "chroot",
                "--build-arg",
                "BASE=localhost/base",
                "--tag",
                "draugar",
                "--file",
                "server-config/container/Containerfile",
                ".");
        container = buildah("from", "--pull-never", "localhost/draugar").strip();
        return json(buildah("inspect", "--type", "image", "localhost/draugar"))
                .getJsonObject("OCIv1")
                .getJsonObject("config");
    }

    private ServerProcess start(JsonObject image, Path data) throws Exception {
        int port = freePort();
        Path bundle = folder.resolve("bundle");
        run("rm", "-rf", bundle.toString());
        Files.createDirectory(bundle);
        run("runc", "spec", "--bundle", bundle.toString());
        Path config = bundle.resolve("config.json");
        JsonObject given = json(Files.readString(config));
        String[] user = image.getString("User").split(":", 2);
        JsonObjectBuilder process = Json.createObjectBuilder()
                .add("cwd", image.getString("WorkingDir"))
                .add("args", image.getJsonArray("Entrypoint"))
                .add(
                        "env",
                        Json.createArrayBuilder(image.getJsonArray("Env"))
                                .add("DRAUGAR_PORT=" + port)
                                .add("DRAUGAR_HOST=127.0.0.1")
                                .add("DRAUGAR_SETUP_CODE=" + CODE))
                .add(
                        "user",
                        Json.createObjectBuilder()
                                .add("uid", Integer.parseInt(user[0]))
                                .add("gid", Integer.parseInt(user[1])))
                .add("noNewPrivileges", true);
        JsonArrayBuilder namespaces = Json.createArrayBuilder();
        given.getJsonObject("linux").getJsonArray("namespaces").stream()
                .map(JsonValue::asJsonObject)
                .filter(namespace -> !namespace.getString("type").equals("network"))
                .forEach(namespaces::add);
        JsonObjectBuilder spec = Json.createObjectBuilder(given)
                // A name that is in /etc/hosts, where an engine puts the container's own.
                .add("hostname", "localhost")
                .add("process", process)
                .add(
                        "root",
                        Json.createObjectBuilder()
                                .add("path", buildah("mount", container).strip())
                                .add("readonly", true))
                .add("linux", Json.createObjectBuilder().add("namespaces", namespaces))
                .add(
                        "mounts",
                        Json.createArrayBuilder(given.getJsonArray("mounts"))
                                .add(Json.createObjectBuilder()
                                        .add("destination", "/tmp")
                                        .add("type", "tmpfs")
                                        .add("source", "tmpfs"))
                                .add(Json.createObjectBuilder()
                                        .add("destination", volume(image))
                                        .add("type", "bind")
                                        .add("source", data.toString())
                                        .add(
                                                "options",
                                                Json.createArrayBuilder().add("bind"))));
        Files.writeString(config, spec.build().toString());
        return ServerProcess.other(
                List.of("runc", "--root", folder + "/runc", "run", "--bundle", bundle.toString(), "draugar"),
                Map.of("DRAUGAR_PORT", Integer.toString(port)));
    }

    private static String volume(JsonObject image) {
        return image.getJsonObject("Volumes").keySet().iterator().next();
    }

    @AfterEach
    void removeWhatIsLeft() throws Exception {
        if (container != null) {
            buildah("rm", container);
        }
        // Not by Java, which would warn of each link that leads out of the folder.
        run("rm", "-rf", folder + "/base", folder + "/storage");
    }

    private String inside(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("exec", "draugar"));
        command.addAll(List.of(words));
        return runc(command.toArray(String[]::new));
    }

    private String runc(String... words) throws Exception {
        return run("runc", List.of("--root", folder + "/runc"), words);
    }

    private String buildah(String... words) throws Exception {
        return run("buildah", List.of("--root", folder + "/storage", "--runroot", folder + "/run"), words);
    }

    private static String run(String program, String... words) throws Exception {
        return run(program, List.of(), words);
    }

    private static String run(String program, List<String> options, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(options);
        command.addAll(List.of(words));
        Path errors = Files.createTempFile("draugar-container", null);
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as("%s%n%s%n%s", command, printed, Files.readString(errors))
                .isZero();
        Files.delete(errors);
        return printed;
    }

    private static JsonObject json(String text) {
        return Json.createReader(new StringReader(text)).readObject();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
