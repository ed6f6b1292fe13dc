package org.draugar.formats;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CoordinatesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "47.5°, 8.25°",
                "47.5,8.25",
                "47.5, 8.25",
                " 47.5 8.25 ",
                "47.5;8.25",
                "geo:47.5,8.25",
                "geo:47.5,8.25,430",
                "geo:47.5,8.25;u=35",
                "47,5°, 8,25°",
                "47,5, 8,25",
                "47,5;8,25",
                "47.5\u00c2\u00b0, 8.25\u00c2\u00b0",
                "47.5\u00c3\u0082\u00c2\u00b0, 8.25\u00c3\u0082\u00c2\u00b0",
                "47.5\u00b0, 8.25\u00c3\u00a2\u00e2\u201a\u00ac",
                "47.5\uFFFD, 8.25\uFFFD",
                "47.5? 8.25?",
                "47.5°N, 8.25°E",
                "47.5° N, 8.25° E",
                "۴۷.۵, ۸.۲۵",
            })
    void reads(String text) {
        assertThat(Coordinates.parse(text)).isEqualTo(new Coordinates(47.5, 8.25));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"-33.5°, -70.25°", "33.5°S, 70.25°W", "\u221233,5°, \u221270,25°", "geo:-33.5,-70.25"})
    void readsTheOtherHalves(String text) {
        assertThat(Coordinates.parse(text)).isEqualTo(new Coordinates(-33.5, -70.25));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "47.5", "47,5,8", "47,39,8,5,3", "a,b", "47.5°X, 8.25°", "47°30'0\", 8°15'0\"", "1234.5,8"})
    void leavesWhatIsInDoubt(String text) {
        assertThat(Coordinates.parse(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"180,180", "-180,-180", "180.25,-179.75", "-180.0964,179.9036", "349.5,-10.5", "361,361", "-1e9,-1e9"})
    void wrapsLongitudes(double longitude, double wrapped) {
        assertThat(Coordinates.wrapped(longitude)).isEqualTo(wrapped);
    }
}
