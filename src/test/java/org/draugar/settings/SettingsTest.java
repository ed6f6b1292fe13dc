package org.draugar.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
            DRAUGAR_SMTP         | mail.example | DRAUGAR_SMTP: expected a mail server such as smtps://user:password@mail.example?from=draugar@example.org, or smtp:// for STARTTLS
            DRAUGAR_SMTP         | smtp://a:b@c | DRAUGAR_SMTP: expected a mail server such as smtps://user:password@mail.example?from=draugar@example.org, or smtp:// for STARTTLS
            """)
    void saysInOneLineWhatWasExpected(String variable, String value, String message) {
        assertThatThrownBy(() -> Settings.from(Map.of(variable, value)::get))
                .isInstanceOf(UnusableSetting.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "redis://localhost SINGLE [localhost:6379] '' '' 0 false",
                "rediss://:p%40ss%2Bw+d@redis.example:6380/3 SINGLE [redis.example:6380] '' p@ss+w+d 3 true",
                "redis://user:secret@[::1]:7000 SINGLE [::1:7000] '' secret 0 false",
                "redis-sentinel://:s@10.0.0.1:26379,10.0.0.2,h/family SENTINEL"
                        + " [10.0.0.1:26379,10.0.0.2:26379,h:26379] family s 0 false",
                "rediss-cluster://:s@10.0.0.1:7000,h CLUSTER [10.0.0.1:7000,h:6379] '' s 0 true"
            })
    void readsWhereTheEngineOfAClusterIs(
            String value, String kind, String servers, String master, String password, int database, boolean tls) {
        EngineAddress address = Settings.from(cluster(value)::get).cluster().orElseThrow();
        assertThat(address.kind()).hasToString(kind);
        assertThat(address.servers().toString().replace(" ", "")).isEqualTo(servers);
        assertThat(address.master()).isEqualTo(master);
        assertThat(address.password()).isEqualTo(password);
        assertThat(address.database()).isEqualTo(database);
        assertThat(address.encrypted()).isEqualTo(tls);
        assertThat(address.toString()).doesNotContain("secret", "p@ss");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "smtps://anna%40a.example:p%3A+w@mail.example?from=d@a.example true mail.example 465 anna@a.example p:+w",
                "smtp://mail.example/?from=d@a.example false mail.example 587 '' ''",
                "smtp://127.0.0.1:2525?from=d@a.example false 127.0.0.1 2525 '' ''"
            })
    void readsHowMailIsSent(String value, boolean tls, String host, int port, String user, String password) {
        Smtp smtp = Settings.from(Map.of("DRAUGAR_SMTP", value)::get).smtp().orElseThrow();
        assertThat(smtp).isEqualTo(new Smtp(tls, host, port, user, password, "d@a.example"));
        assertThat(smtp.toString()).doesNotContain("p:+w");
    }

    private static Map<String, String> cluster(String value) {
        return Map.of(
                "DRAUGAR_CLUSTER",
                value,
                "DRAUGAR_DATABASE_URL",
                "jdbc:postgresql://localhost/draugar",
                "DRAUGAR_CODE_KEY",
                "the same on all servers of the cluster");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:6379",
                "http://localhost",
                "redis://",
                "redis://a,b",
                "redis://a/name",
                "redis://a:0",
                "redis://a:99999",
                "redis://secret@a",
                "redis-sentinel://a:1",
                "redis-cluster://a:1,b:2/name",
                "redis://:se%zzcret@a"
            })
    void anEngineThatIsNoneIsRefusedWithoutItsPassword(String value) {
        assertThatThrownBy(() -> Settings.from(cluster(value)::get))
                .isInstanceOf(UnusableSetting.class)
                .hasMessageStartingWith("DRAUGAR_CLUSTER: expected redis://host:port")
                .hasMessageNotContaining("secret");
    }

    @Test
    void aClusterNeedsADatabaseThatItsServersShare() {
        assertThatThrownBy(() -> Settings.from(Map.of("DRAUGAR_CLUSTER", "redis://localhost")::get))
                .isInstanceOf(UnusableSetting.class)
                .hasMessage("DRAUGAR_CLUSTER: expected DRAUGAR_DATABASE_URL too:"
                        + " the servers of a cluster share a PostgreSQL");
    }

    @Test
    void aClusterNeedsAKeyThatItsServersShare() {
        Map<String, String> values = new HashMap<>(cluster("redis://localhost"));
        values.remove("DRAUGAR_CODE_KEY");
        assertThatThrownBy(() -> Settings.from(values::get))
                .isInstanceOf(UnusableSetting.class)
                .hasMessageStartingWith("DRAUGAR_CLUSTER: expected DRAUGAR_CODE_KEY too, the same on all servers");
    }
}
