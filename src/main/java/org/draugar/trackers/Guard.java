package org.draugar.trackers;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import java.util.Set;
import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.identity.ClientAddress;
import org.draugar.identity.Devices;
import org.draugar.identity.SecretRefused;
import org.draugar.identity.Throttle;

/**
 * Knows a tracker by its secret. Who guesses is slowed down by address as for codes, but apart from them, and the right
 * secret always opens: one phone at home that was set up wrong, and tries every minute, must lock nobody out. Thread-safe.
 */
@Singleton
class Guard {
    private final Devices devices;
    private final Trackers trackers;
    private final ClientAddress addresses;
    private final Event<SecretRefused> refusals;
    private final Throttle throttle = new Throttle();

    @Inject
    Guard(Devices devices, Trackers trackers, ClientAddress addresses, Event<SecretRefused> refusals) {
        this.devices = devices;
        this.trackers = trackers;
        this.addresses = addresses;
        this.refusals = refusals;
    }

    /**
     * @param apps that report at this door
     * @return empty when no tracker of these apps has this secret
     * @throws org.draugar.http.Problem 429 when the address has been wrong too often
     */
    Optional<Caller> find(HttpServletRequest request, TrackerRequest message, Optional<String> secret, Set<App> apps) {
        Optional<Caller> caller = secret.flatMap(
                text -> devices.findReporter(text, apps.stream().map(App::word).toList()));
        if (caller.isEmpty() && secret.isPresent()) {
            refusals.fire(new SecretRefused());
            throttle.attempt(addresses.of(request));
            message.login().flatMap(login -> DeviceId.parse(login.user())).ifPresent(trackers::knockedInVain);
        }
        return caller;
    }
}
