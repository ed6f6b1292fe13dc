package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.draugar.support.EventStream;
import org.draugar.support.Jcmd;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Twenty redeploys, each in full use: peers are told, and class loaders do not pile up. */
@ExtendWith(ArquillianExtension.class)
@ResourceLock("Arquillian")
class RedeployIT {
    private static final int REDEPLOYS = 20;

    /**
     * What heap dumps show besides: the JDK remembers the last type for which it compared two records (a
     * {@code MethodHandle}'s {@code asTypeCache}), and idle threads of the server's pools remember whom they were started
     * by. Each holds one class loader until it works again, however many redeploys there were.
     */
    private static final int NOT_OURS = 3;

    @Deployment(name = "draugar", managed = false, testable = false)
    static WebArchive draugar() {
        return Server.war();
    }

    @Test
    void leavesNoClassLoadersBehind(@ArquillianResource Deployer deployer) throws Exception {
        assumeFalse(ServerProcess.CONTAINER.equals("payara-micro"), "Payara Micro is restarted, not redeployed to");
        Server server = new Server(new URL("http://127.0.0.1:" + System.getenv("DRAUGAR_PORT") + "/"));
        for (int i = 0; i < REDEPLOYS; i++) {
            deployer.deploy("draugar");
            try (Phone phone = use(server)) {
                deployer.undeploy("draugar");
                assertThat(phone.awaitClose(Duration.ofSeconds(10))
                                .getCloseCode()
                                .getCode())
                        .as("redeploy %d", i)
                        .isEqualTo(1001);
            }
        }
        deployer.deploy("draugar");
        try {
            use(server).close();
            assertThat(leastLoaders(serverPid(), Duration.ofSeconds(80)))
                    .as("class loaders after %d redeploys, one of them in use", REDEPLOYS)
                    .isLessThanOrEqualTo(1 + NOT_OURS);
        } finally {
            deployer.undeploy("draugar");
        }
    }

    private static int leastLoaders(String pid, Duration most) {
        long deadline = System.nanoTime() + most.toNanos();
        int least = loaders(pid);
        while (least > 1 + NOT_OURS && System.nanoTime() < deadline) {
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
        Jcmd.ask(pid, "GC.run");
        return (int) Jcmd.ask(pid, "VM.classloaders", "show-classes")
                .lines()
                .filter(line -> line.endsWith("org.draugar.delivery.Hub"))
                .count();
    }

    /** The JVM that was started with this build's folder for data; some servers are no children of this process. */
    private static String serverPid() {
        String data = "draugar.data=" + Path.of("target", "it-data").toAbsolutePath();
        return Jcmd.ask("-l")
                .lines()
                .map(line -> line.substring(0, line.indexOf(' ')))
                .filter(pid -> Jcmd.ask(pid, "VM.system_properties").lines().anyMatch(data::equals))
                .findFirst()
                .orElseThrow();
    }
}
