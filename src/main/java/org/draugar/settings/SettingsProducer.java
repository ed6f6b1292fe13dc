package org.draugar.settings;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Makes the settings of this process injectable. */
@Singleton
class SettingsProducer {

    @Produces
    @Singleton
    Settings settings() {
        return Settings.fromEnvironment();
    }
}
