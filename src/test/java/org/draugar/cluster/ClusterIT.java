package org.draugar.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.draugar.support.CuttingProxy;
import org.draugar.support.Extent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes, their engine and their database, each of which fails while families go on sending. */
@EnabledIfSystemProperty(
        named = "draugar.ledger",
        matches = "true",
        disabledReason = "it takes some minutes, and starts three nodes")
class ClusterIT {
    private static final int NODES = 3;
    private static final int FAMILIES = Extent.of("ClusterIT: families", 10, 50);
    private static final int RATE = Extent.of("ClusterIT: positions a second", 100, 500);
    private static final Duration LASTING = Duration.ofSeconds(Extent.of("ClusterIT: seconds of each fault", 2, 40));
    private static final int TIMES =
            Integer.getInteger("draugar.ledger.times", Extent.of("ClusterIT: times of each fault", 1, 10));

    @TempDir
    Path folder;

    private final List<CuttingProxy> toPostgres = new ArrayList<>();
    private final List<CuttingProxy> toRedis = new ArrayList<>();

    @Test
    void threeNodesLoseNothing() {
        try (Machine machine = new Machine(folder, NODES, Map.of())) {
            machine.start("postgres", "redis");
            for (int k = 1; k <= NODES; k++) {
                CuttingProxy postgres = new CuttingProxy(machine.port("postgres"));
                CuttingProxy redis = new CuttingProxy(machine.port("redis"));
                machine.set("NODE" + k + "_POSTGRES", "127.0.0.1:" + postgres.port());
                machine.set("NODE" + k + "_REDIS", "127.0.0.1:" + redis.port());
                toPostgres.add(postgres);
                toRedis.add(redis);
            }
            machine.start();
            try (Load load = new Load(machine, FAMILIES, RATE)) {
                load.addSlowReaders(5);
                for (int time = 0; time < TIMES; time++) {
                    nodesFail(machine, load);
                    theEngineFails(machine, load);
                    theDatabaseFails(machine, load);
                    linesFail(load);
                }
                load.audit();
            } catch (AssertionError e) {
                throw new AssertionError(e.getMessage() + "\n" + machine.logs(), e);
            } finally {
                toPostgres.forEach(CuttingProxy::close);
                toRedis.forEach(CuttingProxy::close);
            }
        }
    }

    private static void nodesFail(Machine machine, Load load) {
        load.fault("a node is killed", LASTING, () -> machine.kill("node2"), () -> machine.start("node2"));
        load.fault("a node stands still", LASTING, () -> machine.freeze("node3"), () -> machine.thaw("node3"));
        for (int k = 1; k <= NODES; k++) {
            String node = "node" + k;
            load.fault("rolling restart, " + node, Duration.ZERO, () -> machine.stop(node), () -> machine.start(node));
        }
    }

    private static void theEngineFails(Machine machine, Load load) {
        load.fault("Redis is emptied", Duration.ZERO, machine::flushRedis, () -> {});
        load.fault("Redis stands still", LASTING, () -> machine.freeze("redis"), () -> machine.thaw("redis"));
        load.fault("Redis is killed", LASTING, () -> machine.kill("redis"), () -> machine.start("redis"));
    }

    private static void theDatabaseFails(Machine machine, Load load) {
        load.fault(
                "PostgreSQL stands still", LASTING, () -> machine.freeze("postgres"), () -> machine.thaw("postgres"));
        load.fault("PostgreSQL is killed", LASTING, () -> machine.kill("postgres"), () -> machine.start("postgres"));
    }

    private void linesFail(Load load) {
        for (Map.Entry<String, CuttingProxy> line : Map.of(
                        "node 1 and Redis", toRedis.get(0), "node 2 and PostgreSQL", toPostgres.get(1))
                .entrySet()) {
            CuttingProxy proxy = line.getValue();
            load.fault("the line is cut between " + line.getKey(), LASTING, proxy::cut, proxy::mend);
            load.fault("the line is silent between " + line.getKey(), LASTING, proxy::silence, proxy::mend);
        }
    }
}
