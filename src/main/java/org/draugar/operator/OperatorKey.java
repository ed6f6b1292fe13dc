package org.draugar.operator;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.draugar.http.Problem;
import org.draugar.identity.ClientAddress;
import org.draugar.identity.SecretRefused;
import org.draugar.settings.SecretFile;
import org.draugar.settings.Settings;

/** The secret in {@code operator.key} in the data folder: who can read that file runs this server. */
@Singleton
public class OperatorKey {
    private static final Logger LOG = System.getLogger(OperatorKey.class.getName());
    private static final String NEEDED = "The operator's key is needed: it is in operator.key in the data folder";

    private final SecretFile file;
    private final ClientAddress clientAddress;
    private final Event<SecretRefused> refusals;

    @Inject
    OperatorKey(Settings settings, ClientAddress clientAddress, Event<SecretRefused> refusals) {
        this.clientAddress = clientAddress;
        this.refusals = refusals;
        file = new SecretFile(settings.data().resolve("operator.key"));
    }

    /** Makes the key, where there is none yet. */
    public void create() {
        try {
            file.create();
        } catch (UncheckedIOException e) {
            // As where everything else is kept in PostgreSQL: then there is no operator, and no harm done.
            LOG.log(Level.WARNING, "Nobody can be the operator: this server cannot write {0}", file.file());
        }
    }

    /** Whether this is the value of a header {@code Authorization: Bearer <key>}. */
    public boolean isIn(String authorization) {
        try {
            byte[] expected = ("Bearer " + file.read()).getBytes(StandardCharsets.UTF_8);
            return authorization != null
                    && MessageDigest.isEqual(expected, authorization.strip().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the operator asks: with the key, or by a program on the server's machine. */
    public boolean isOperator(HttpServletRequest request) {
        return clientAddress.isOnThisMachine(request) || isIn(request.getHeader("Authorization"));
    }

    /** @throws Problem 401 when it is not */
    public void require(String authorization) {
        if (!isIn(authorization)) {
            if (authorization != null) {
                refusals.fire(new SecretRefused());
            }
            throw new Problem(401, NEEDED);
        }
    }
}
