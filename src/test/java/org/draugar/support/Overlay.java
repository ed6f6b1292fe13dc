package org.draugar.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * This machine as a program sees it that may change everything: what is written goes into memory and is gone at the end.
 * Programs in it share the network, so that a test reaches their ports.
 */
public final class Overlay implements AutoCloseable {
    private static final String LAYERS = "mount -t tmpfs tmpfs /mnt && mkdir /mnt/up /mnt/work /mnt/root"
            + " && mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work /mnt/root"
            + " && mount --rbind /proc /mnt/root/proc && mount --rbind /dev /mnt/root/dev"
            + " && mount -t tmpfs tmpfs /mnt/root/run && echo ready && exec cat";

    private final Process holder;

    /** Lives for as long as this does: the mounts are its own, and end with it. */
    private Overlay(Process holder) {
        this.holder = holder;
    }

    /** Skips the test where this machine does not allow it: one must be root, and a container is often not enough. */
    public static Overlay openOrSkip() {
        try {
            Process holder = new ProcessBuilder("unshare", "--mount", "--propagation", "private", "sh", "-c", LAYERS)
                    .redirectErrorStream(true)
                    .start();
            String said = holder.inputReader(StandardCharsets.UTF_8).readLine();
            if (!"ready".equals(said)) {
                holder.destroyForcibly();
                assumeTrue(false, "Skipped: no overlay of this machine can be mounted here (" + said + ")");
            }
            return new Overlay(holder);
        } catch (IOException e) {
            assumeTrue(false, "Skipped: unshare is not installed");
            throw new UncheckedIOException(e);
        }
    }

    /** A command line that runs another one in here. */
    public List<String> command(String... words) {
        List<String> command =
                new ArrayList<>(List.of("nsenter", "--mount=/proc/" + holder.pid() + "/ns/mnt", "chroot", "/mnt/root"));
        command.addAll(List.of(words));
        return command;
    }

    /** Runs a script of the shell to its end, which must be a good one, and returns what it printed. */
    public String run(String script) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command("sh", "-ec", script)).redirectErrorStream(true);
            builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
            builder.environment().put("LC_ALL", "C");
            builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
            Process process = builder.start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as("%s%n%s", script, printed).isZero();
            return printed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        holder.destroyForcibly().onExit().join();
    }
}
