package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.draugar.support.Overlay;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The package for Debian, through its life: installed, upgraded from a version before, removed, purged. Everything happens in
 * an overlay of this machine. systemd does not run there, so the test starts what the unit says, as the user that it says;
 * the unit's restrictions are not in force.
 */
class DebianPackageIT {
    private static final String PACKAGE = Path.of(
                    "target", "draugar_" + System.getProperty("draugar.version") + "_all.deb")
            .toAbsolutePath()
            .toString();
    private static final String INSTALL = "dpkg --force-confdef --force-confold -i ";
    private static final String CONF = "/etc/draugar/draugar.conf";
    /** As systemd gives it to services. */
    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin";

    private static final String CODE = "DEBANPACKAGE23";

    @BeforeAll
    static void onlyOnDebian() {
        assumeTrue(
                ServerProcess.CONTAINER.equals("payara-micro"),
                "The package contains the jar: it is tested once, with Payara Micro");
        assumeTrue(Files.exists(Path.of("/etc/debian_version")), "Skipped: this is no Debian");
        assumeTrue("root".equals(System.getProperty("user.name")), "Skipped: only root may install a package");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemctl")), "Skipped: systemd is not installed");
    }

    @Test
    void keepsTheFamilyFromTheFirstInstallationToThePurge() throws Exception {
        int port = freePort();
        try (Overlay machine = Overlay.openOrSkip()) {
            assumeTrue(
                    machine.run("dpkg -S $(readlink -f /usr/bin/java) || true").contains("jre"),
                    "Skipped: Java has not come here as a package of Debian");
            machine.run(INSTALL + before(machine));
            assertThat(machine.run("systemctl is-enabled draugar")).startsWith("enabled");
            assertThat(machine.run("stat -c '%a %U' /var/lib/draugar " + CONF).lines())
                    .containsExactly("700 draugar", "640 root");
            machine.run("printf 'DRAUGAR_PORT=" + port + "\\nDRAUGAR_SETUP_CODE=" + CODE + "\\n' >> " + CONF);

            Person anna;
            try (ServerProcess service = start(machine, port)) {
                Server server = service.awaitReady();
                anna = server.join(CODE, "Anna");
                try (Phone phone = Phone.connect(server, anna)) {
                    phone.send(Phone.update(64.1, -21.9).add("id", "kept"));
                    phone.hear("ack");
                }
                service.stop();
                assertThat(service.awaitExit())
                        .as("SuccessExitStatus of the unit")
                        .isEqualTo(143);
            }

            whoHasNoNameIsToldSo(machine);

            machine.run("systemctl disable draugar");
            machine.run(INSTALL + PACKAGE);
            assertThat(machine.run("dpkg-query -W -f '${Version}' draugar"))
                    .isEqualTo(System.getProperty("draugar.version"));
            assertThat(machine.run("systemctl is-enabled draugar || true"))
                    .as("whoever disabled it wants it so")
                    .startsWith("disabled");
            assertThat(machine.run("cat " + CONF))
                    .as("what the administrator has written stays")
                    .contains("DRAUGAR_PORT=" + port);
            try (ServerProcess service = start(machine, port)) {
                Server server = service.awaitReady();
                assertThat(server.get("/api/health", null).string("version"))
                        .isEqualTo(System.getProperty("draugar.version"));
                assertThat(server.get("/api/users/" + anna.id() + "/locations", anna)
                                .json()
                                .getJsonArray("locations"))
                        .as("she is known, and where she was")
                        .hasSize(1);
                service.stop();
                service.awaitExit();
            }

            machine.run("dpkg -r draugar");
            machine.run("test ! -e /usr/share/draugar -a ! -e /var/cache/draugar");
            machine.run("test -s /var/lib/draugar/draugar.mv.db -a -s " + CONF);

            assertThat(machine.run("dpkg -P draugar")).contains("data stays in /var/lib/draugar");
            machine.run("test -s /var/lib/draugar/draugar.mv.db -a ! -e /etc/draugar");

            machine.run(INSTALL + PACKAGE);
            machine.run("echo draugar draugar/delete-data boolean true | debconf-set-selections");
            machine.run("dpkg -P draugar");
            machine.run("test ! -e /var/lib/draugar");
        }
    }

    /** Payara does not start on a machine whose name leads nowhere, and says nothing that helps. */
    private static void whoHasNoNameIsToldSo(Overlay machine) throws Exception {
        String nameless = "hostname draugar.invalid && exec /usr/share/draugar/draugar";
        try (ServerProcess service = ServerProcess.other(
                machine.command("env", "DRAUGAR_CACHE=/tmp/nameless", "unshare", "--uts", "sh", "-c", nameless),
                Map.of())) {
            assertThat(service.awaitLine("/etc/hosts"))
                    .isEqualTo("This machine does not know its own name: add the line \"127.0.1.1 draugar.invalid\" to"
                            + " /etc/hosts");
            assertThat(service.awaitExit()).isEqualTo(78);
        }
    }

    /** The same package as an earlier version with other explanations in its settings; its file in the overlay. */
    private static String before(Overlay machine) {
        machine.run("dpkg-deb -R " + PACKAGE + " /tmp/before");
        machine.run("sed -i 's/^Version:.*/Version: 0.9.0/' /tmp/before/DEBIAN/control");
        machine.run("sed -i '1i # As it was.' /tmp/before" + CONF);
        machine.run("dpkg-deb -Znone -b /tmp/before /tmp/before.deb && rm -r /tmp/before");
        return "/tmp/before.deb";
    }

    /** Starts what the unit starts, with the environment and as the user that it says. */
    private static ServerProcess start(Overlay machine, int port) {
        String unit = machine.run("cat /usr/lib/systemd/system/draugar.service");
        Function<String, List<String>> values = key -> unit.lines()
                .filter(line -> line.startsWith(key + "="))
                .map(line -> line.substring(key.length() + 1))
                .toList();
        String user = values.apply("User").get(0);
        List<String> command = new ArrayList<>(List.of(
                "setpriv", "--reuid", user, "--regid", user, "--init-groups", "--no-new-privs", "env", "-i", PATH));
        command.addAll(values.apply("Environment"));
        String file = values.apply("EnvironmentFile").get(0).substring(1);
        machine.run("cat " + file)
                .lines()
                .filter(line -> line.matches("[A-Z_]+=.*"))
                .forEach(command::add);
        command.addAll(Arrays.asList(values.apply("ExecStart").get(0).split(" ", -1)));
        return ServerProcess.other(
                machine.command(command.toArray(String[]::new)), Map.of("DRAUGAR_PORT", Integer.toString(port)));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
