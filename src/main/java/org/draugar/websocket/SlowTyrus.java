package org.draugar.websocket;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URL;
import java.util.Optional;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Warns where the container's WebSockets come from a Tyrus before 2.2.1: it sets a timer for every message, whatever
 * the idle timeout, and looks into every jar each time. The application cannot change that from inside.
 */
@WebListener
public class SlowTyrus implements ServletContextListener {
    private static final Logger LOG = System.getLogger(SlowTyrus.class.getName());
    private static final String TYRUS_CORE = "org.glassfish.tyrus.core.";
    private static final Pattern VERSION = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9})(\\D.*)?");

    @Override
    public void contextInitialized(ServletContextEvent event) {
        Object container = event.getServletContext().getAttribute(ServerContainer.class.getName());
        if (container != null) {
            version(container.getClass())
                    .filter(SlowTyrus::isSlow)
                    .ifPresent(version -> LOG.log(
                            Level.WARNING,
                            "This server sends WebSocket messages with Tyrus {0}, which takes several times the"
                                    + " processor time of 2.2.1 and later; draugar.jar brings 2.2.2, and"
                                    + " server-config/payara-server says how to give it to this server",
                            version));
        }
    }

    /** The version of the jar, or bundle, that Tyrus' own part of the container comes from; empty for another one. */
    private static Optional<String> version(Class<?> container) {
        for (Class<?> part = container; part != null; part = part.getSuperclass()) {
            if (part.getName().startsWith(TYRUS_CORE)) {
                return version(part.getResource(part.getSimpleName() + ".class"));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> version(URL classFile) {
        try (InputStream manifest = new URL(classFile, "/META-INF/MANIFEST.MF").openStream()) {
            return Optional.ofNullable(
                    new Manifest(manifest).getMainAttributes().getValue("Bundle-Version"));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The version of Tyrus is not to be found", e);
            return Optional.empty();
        }
    }

    static boolean isSlow(String version) {
        Matcher numbers = VERSION.matcher(version);
        if (!numbers.matches()) {
            return false;
        }
        int major = Integer.parseInt(numbers.group(1));
        int minor = Integer.parseInt(numbers.group(2));
        int patch = Integer.parseInt(numbers.group(3));
        return major < 2 || (major == 2 && (minor < 2 || (minor == 2 && patch < 1)));
    }
}
