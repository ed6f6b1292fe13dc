package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.draugar.support.EventStream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Twenty redeploys, each in full use: peers are told, and no class loader stays behind. */
@ExtendWith(ArquillianExtension.class)
class RedeployIT {
    private static final int REDEPLOYS = 20;

    @Deployment(name = "draugar", managed = false, testable = false)
    static WebArchive draugar() {
        return Server.war();
    }

    @Test
    void leavesNoClassLoaderBehind(@ArquillianResource Deployer deployer) throws Exception {
        assumeFalse(
                System.getProperty("draugar.container", "payara-micro").equals("payara-micro"),
                "Payara Micro is restarted, not redeployed to");
        Server server = new Server(new URL("http://127.0.0.1:" + System.getenv("DRAUGAR_PORT") + "/"));
        for (int i = 0; i < REDEPLOYS; i++) {
            deployer.deploy("draugar");
            try (Phone phone = use(server)) {
                deployer.undeploy("draugar");
                assertThat(phone.awaitClose(Duration.ofSeconds(10)).getCloseCode().getCode())
                        .as("redeploy %d", i)
                        .isEqualTo(1001);
            }
        }
        // Threads of the server's pools, and caches of the JDK, keep what they last worked for until they end (after
        // a minute without work) or work again. So let them rest, then work for the last deployment, and look again;
        // whatever holds a class loader for good would still hold it.
        deployer.deploy("draugar");
        try {
            String pid = serverPid();
            int left = REDEPLOYS;
            for (int round = 0; round < 3 && left > 1; round++) {
                use(server).close();
                left = leastLoaders(pid, Duration.ofSeconds(80));
            }
            assertThat(left).as("class loaders, one of them in use").isEqualTo(1);
        } finally {
            deployer.undeploy("draugar");
        }
    }

    private static int leastLoaders(String pid, Duration most) {
        long deadline = System.nanoTime() + most.toNanos();
        int least = loaders(pid);
        while (least > 1 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
            least = Math.min(least, loaders(pid));
        }
        return least;
    }

    /** Everything that could hold on to a class loader: sessions, streams, timers, threads, the database. */
    private static Phone use(Server server) {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (EventStream stream = EventStream.open(server, bjorn, null)) {
            Phone phone = Phone.connect(server, anna);
            phone.subscribe();
            phone.send(Phone.update(1, 2).add("id", "a"));
            phone.hear("ack");
            stream.next("location:broadcast");
            return phone;
        }
    }

    /** How many times the server's JVM holds one of our classes, after a collection. */
    private static int loaders(String pid) {
        jcmd(pid, "GC.run");
        return (int) jcmd(pid, "VM.classloaders", "show-classes")
                .lines()
                .filter(line -> line.endsWith("org.draugar.delivery.Hub"))
                .count();
    }

    /** The JVM that was started with this build's folder for data; some servers are no children of this process. */
    private static String serverPid() {
        String data = "draugar.data=" + Path.of("target", "it-data").toAbsolutePath();
        return jcmd("-l")
                .lines()
                .map(line -> line.substring(0, line.indexOf(' ')))
                .filter(pid -> jcmd(pid, "VM.system_properties").lines().anyMatch(data::equals))
                .findFirst()
                .orElseThrow();
    }

    private static String jcmd(String... arguments) {
        try {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
            command.addAll(List.of(arguments));
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return output;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
