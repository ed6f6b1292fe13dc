package org.draugar.status;

import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.jar.Attributes;
import java.util.jar.Manifest;

/** Which Draugar this is. */
final class Version {
    private Version() {}

    /** Such as {@code 1.0.0}, as the manifest of the WAR says; null where the container has not kept that. */
    static String of(ServletContext application) {
        try (InputStream manifest = application.getResourceAsStream("/META-INF/MANIFEST.MF")) {
            return manifest == null
                    ? null
                    : new Manifest(manifest).getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
