package org.draugar.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.draugar.settings.StreetMap.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreetMapTest {
    private static final String MAKERS = "© OpenStreetMap contributors";

    private static StreetMap map(String value) {
        return Settings.from(Map.of("DRAUGAR_MAP", value, "DRAUGAR_MAP_ATTRIBUTION", MAKERS)::get)
                .streetMap()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            raster https://a.example/{z}/{x}/{y}.png?key=1 | RASTER  | https://a.example       | a.example
            raster https://a.example:8443/{z}/{y}/{x}      | RASTER  | https://a.example:8443  | a.example
            vector https://a.example/{z}/{x}/{y}.pbf       | VECTOR  | https://a.example       | a.example
            vector  https://a.example/planet               | VECTOR  | https://a.example       | a.example
            vector http://[::1]:8080/{z}/{x}/{y}           | VECTOR  | http://[::1]:8080       | [::1]
            pmtiles https://a.example/iceland.pmtiles      | PMTILES | https://a.example       | a.example
            pmtiles /iceland.pmtiles                       | PMTILES |                         |
            """)
    void knowsWhomBrowsersAsk(String value, Kind kind, String origin, String host) {
        StreetMap map = map(value);

        assertThat(map.kind()).isEqualTo(kind);
        assertThat(map.url()).isEqualTo(value.split(" +")[1]);
        assertThat(map.attribution()).isEqualTo(MAKERS);
        assertThat(map.origin().orElse(null)).isEqualTo(origin);
        assertThat(map.host().orElse(null)).isEqualTo(host);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            https://a.example/{z}/{x}/{y} | openfreemap, or one of raster, vector, pmtiles and then the map's address
            leaflet https://a.example/    | openfreemap, or one of raster, vector, pmtiles and then the map's address
            raster                        | raster and an address with {z}, {x} and {y}, such as https://maps.example/…
            raster https://a.example/{z}  | raster and an address with {z}, {x} and {y}, such as https://maps.example/…
            vector https://a.example/{z}  | vector and an address with {z}, {x} and {y}, or that of a TileJSON, such as https://maps.example/…
            pmtiles /{z}/{x}/{y}          | pmtiles and the address of one file, such as https://maps.example/…
            """)
    void saysWhatWasExpected(String value, String expected) {
        assertThatThrownBy(() -> map(value))
                .isInstanceOf(UnusableSetting.class)
                .hasMessage("DRAUGAR_MAP: expected " + expected);
    }

    /** What could let a browser ask somebody else than the policy and the page say. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "//b.example/map",
                "/\\b.example/map",
                "https://a.example",
                "https://a.example;script-src/",
                "https://a.example https://b.example/",
                "https://*/map",
                "https://key@a.example/map",
                "https://{s}.a.example/map",
                "javascript:alert(1)",
                "data:,/",
                "ftp://a.example/map"
            })
    void takesNoAddressThatIsNotOneHost(String address) {
        assertThatThrownBy(() -> map("vector " + address)).isInstanceOf(UnusableSetting.class);
    }

    @Test
    void knowsOneByItsName() {
        StreetMap map = Settings.from(Map.of("DRAUGAR_MAP", "openfreemap")::get)
                .streetMap()
                .orElseThrow();

        assertThat(map.host()).contains("tiles.openfreemap.org");
        assertThat(map.attribution()).contains("OpenStreetMap");
    }

    @Test
    void wantsToKnowWhomTheMapIsOwedTo() {
        assertThatThrownBy(() -> Settings.from(Map.of("DRAUGAR_MAP", "vector https://a.example/planet")::get))
                .hasMessage("DRAUGAR_MAP_ATTRIBUTION: expected whom the map is owed to, such as " + MAKERS);
    }
}
