package org.draugar.settings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {
    @ParameterizedTest
    @CsvSource({
        "https://home.example,           home.example",
        "https://Home.Example,           home.example",
        "https://home.example/,          home.example",
        "https://home.example:443,       home.example",
        "https://home.example,           home.example:443",
        "https://home.example,           home.example:80",
        "http://home.example:80,         home.example",
        "http://home.example,            home.example:80",
        "http://home.example:3001,       home.example:3001",
        "https://home.example.,          home.example",
        "https://[2001:db8::7]:8443,     [2001:DB8:0:0:0:0:0:7]:8443",
        "https://[::1],                  [::1]:443",
        "http://my_server:3001,          my_server:3001",
    })
    void isAtItsHost(String origin, String host) {
        assertThat(Origin.parse(origin).orElseThrow().isAt(host)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "https://home.example.other.example, home.example",
        "https://home.example:8443,          home.example",
        "https://home.example,               home.example:8443",
        "https://other.example,              127.0.0.1:3001",
        "https://[2001:db8::8],              [2001:db8::7]",
        "https://home.example,               home.example/x",
        "https://home.example,               home.example@other.example",
    })
    void isNotAtAnother(String origin, String host) {
        assertThat(Origin.parse(origin).orElseThrow().isAt(host)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "home.example",
                "https://",
                "https://a@b.example",
                "https://a.example/x",
                "https://[a]",
                "https://a b.example"
            })
    void isNone(String text) {
        assertThat(Origin.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://Home.example:443/, https://home.example",
        "capacitor://localhost,     capacitor://localhost",
        "https://bücher.example,    https://xn--bcher-kva.example",
    })
    void hasOneSpelling(String text, String spelling) {
        assertThat(Origin.parse(text)).hasToString("Optional[" + spelling + "]");
    }
}
