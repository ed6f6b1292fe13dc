package org.draugar.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @Test
    void hasDefaultsForEverything() {
        Settings settings = Settings.from(variable -> null);

        assertThat(settings.port()).isEqualTo(3001);
        assertThat(settings.url()).isEmpty();
        assertThat(settings.data()).isEqualTo(Path.of("data").toAbsolutePath());
        assertThat(settings.databaseUrl()).isEmpty();
        assertThat(settings.setupCode()).isEmpty();
        assertThat(settings.openSignup()).isFalse();
        assertThat(settings.origins()).isEmpty();
        assertThat(settings.proxies()).containsExactlyInAnyOrder("127.0.0.1", "::1");
        assertThat(settings.history()).isEqualTo(Duration.ofDays(30));
        assertThat(settings.streetMap()).isEmpty();
    }

    @Test
    void readsEachSetting() {
        Settings settings = Settings.from(Map.of(
                "DRAUGAR_PORT", " 8080 ",
                "DRAUGAR_DATA", "/srv/draugar",
                "DRAUGAR_DATABASE_URL", "jdbc:postgresql://localhost/draugar",
                "DRAUGAR_SETUP_CODE", "abcd efgh",
                "DRAUGAR_SIGNUP", "open",
                "DRAUGAR_ORIGINS", "https://Family.example, http://localhost:5173",
                "DRAUGAR_HISTORY", "8w")::get);

        assertThat(settings.port()).isEqualTo(8080);
        assertThat(settings.data()).isEqualTo(Path.of("/srv/draugar"));
        assertThat(settings.databaseUrl()).contains("jdbc:postgresql://localhost/draugar");
        assertThat(settings.setupCode()).contains("ABCDEFGH");
        assertThat(settings.openSignup()).isTrue();
        assertThat(settings.origins()).containsExactlyInAnyOrder("https://family.example", "http://localhost:5173");
        assertThat(settings.history()).isEqualTo(Duration.ofDays(56));
    }

    @ParameterizedTest
    @CsvSource({
        "https://family.example, https://family.example",
        "HTTPS://Family.example:443/, https://family.example",
        "http://[::1]:3001/a/b//, http://[0:0:0:0:0:0:0:1]:3001/a/b"
    })
    void anAddressHasNoSlashAtItsEnd(String value, String url) {
        assertThat(Settings.from(Map.of("DRAUGAR_URL", value)::get).url()).contains(url);
    }

    @Test
    void historyOffKeepsNothingButTheLast() {
        assertThat(Settings.from(Map.of("DRAUGAR_HISTORY", "off")::get).history())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            DRAUGAR_PORT         | 0            | DRAUGAR_PORT: expected a port from 1 to 65535, but found "0"
            DRAUGAR_PORT         | 65536        | DRAUGAR_PORT: expected a port from 1 to 65535, but found "65536"
            DRAUGAR_PORT         | http         | DRAUGAR_PORT: expected a port from 1 to 65535, but found "http"
            DRAUGAR_URL          | example/x    | DRAUGAR_URL: expected an address such as https://family.example or https://example/family, but found "example/x"
            DRAUGAR_URL          | https://a/?b | DRAUGAR_URL: expected an address such as https://family.example or https://example/family, but found "https://a/?b"
            DRAUGAR_SIGNUP       | yes          | DRAUGAR_SIGNUP: expected open or closed, but found "yes"
            DRAUGAR_HISTORY      | 30           | DRAUGAR_HISTORY: expected off or a time such as 12h, 30d, 8w or 2y, but found "30"
            DRAUGAR_DATABASE_URL | mysql://x:pw | DRAUGAR_DATABASE_URL: expected a URL that starts with jdbc:postgresql:
            DRAUGAR_SETUP_CODE   | SHORT        | DRAUGAR_SETUP_CODE: expected 8 or more of ABCDEFGHJKLMNPQRSTUVWXYZ23456789
            DRAUGAR_ORIGINS      | example.org  | DRAUGAR_ORIGINS: expected origins such as https://family.example, separated by commas, but found "example.org"
            """)
    void saysInOneLineWhatWasExpected(String variable, String value, String message) {
        assertThatThrownBy(() -> Settings.from(Map.of(variable, value)::get))
                .isInstanceOf(UnusableSetting.class)
                .hasMessage(message);
    }
}
