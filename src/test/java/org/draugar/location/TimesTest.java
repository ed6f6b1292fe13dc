package org.draugar.location;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {
    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

    /** Every form that a door or a file has been seen with; all are the same moment. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-29T12:00:00Z",
                "2026-11-29t12:00:00z",
                "2026-11-29T12:00:00.000Z",
                "2026-11-29T12:00:00,000Z",
                "2026-11-29T12:00:00.000999Z",
                "2026-11-29T12:00Z",
                "2026-11-29T12:00:00",
                "2026-11-29 12:00:00",
                "  2026-11-29 12:00:00 ",
                "2026-11-29T14:00:00+02:00",
                "2026-11-29T14:00:00+0200",
                "2026-11-29T14:00:00+02",
                "2026-11-29T08:30:00-0330",
                "2026-11-29T08:30:00\u221203:30",
                "2026-11-29 14:00:00 +0200",
                "2026-11-29 14:00:00 +02:00",
                "2026-11-29T14:00:00 02:00",
                "2026-11-29 14:00:00.000 0200",
                "2026-11-29 14:00:00  0200",
                "2026-11-29 12:00:00 UTC",
                "2026-11-29 14:00:00 GMT+02:00",
                "2026-11-29T12:00:00Z[Etc/UTC]",
                "2026-11-29T13:00:00+01:00[Europe/Paris]",
                "2026-11-29T13:00:00[Europe/Paris]",
                "2026/11/29 12:00:00",
                "2026-11-29 2:00:00 PM +0200",
                "2026-11-29T2:00:00 p.m. +02:00",
                "20261129T120000Z",
                "20261129T140000+0200",
                "۲۰۲۶-۱۱-۲۹T۱۲:۰۰:۰۰Z",
                "\u200E2026-11-29T12:00:00Z\u200E",
                "Sun, 29 Nov 2026 12:00:00 GMT",
                "1795953600",
                "1795953600.0",
                "1795953600,0",
                "1795953600000",
                "1795953600000000",
                "1795953600000000000",
                "1.7959536E9",
                "1.7959536E+09",
                "1.7959536E 09",
                "۱۷۹۵۹۵۳۶۰۰",
            })
    void reads(String text) {
        assertThat(Times.read(text)).isEqualTo(NOW);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "yesterday",
                "2026-11-29",
                "12:00:00",
                "2026-13-01T12:00:00Z",
                "2026-02-30T12:00:00Z",
                "2026-11-29T25:00:00Z",
                "2026-11-29T12:61:00Z",
                "2026-11-29T12:00:00+99:00",
                "2026-11-29T12:00:00[No/Where]",
                "+999999999-12-31T00:00:00Z",
                "NaN",
                "Infinity",
                "1e400",
                "0x10",
                "1795953600Z",
                "2026-11-29T12:00:00Zx"
            })
    void refuses(String text) {
        assertThat(Times.read(text)).isNull();
    }

    @Test
    void whatIsAgreedToNameItsZoneHasOne() {
        assertThat(Times.readWithZone("2026-11-29T14:00:00+0200")).isEqualTo(NOW);
        assertThat(Times.readWithZone("2026-11-29 14:00:00 02:00")).isEqualTo(NOW);
        assertThat(Times.readWithZone("2026-11-29T12:00:00")).isNull();
        assertThat(Times.readWithZone("1795953600")).isNull();
    }

    /** Told now, measured a minute ago. */
    @ParameterizedTest
    @CsvSource({
        "2026-11-29T11:59:00Z,        as it is",
        "2007-04-15T11:59:00Z,        1024 weeks",
        "1987-08-30T11:59:00Z,        2048 weeks",
        "1995-11-29T11:59:00Z,        seconds since 2001",
        "1970-01-21T18:52:33.540Z,    seconds for milliseconds",
    })
    void setsRightWhatIsCertain(Instant at, String why) {
        Instant corrected = Times.corrected(at, NOW);
        assertThat(corrected).as(why).isBetween(NOW.minus(Duration.ofDays(2)), NOW);
        assertThat(Times.fault(corrected, NOW)).isNull();
    }

    @Test
    void setsRightMillisecondsThatWereTakenForSeconds() {
        assertThat(Times.corrected(Instant.ofEpochSecond(NOW.toEpochMilli()), NOW))
                .isEqualTo(NOW);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-29T12:03:00Z, future",
        "2057-08-18T12:00:00Z, future",
        "+999999999-12-31T23:59:59Z, future",
        "2007-01-01T00:00:00Z, ago",
        "1970-01-01T00:00:00Z, ago",
        "-999999999-01-01T00:00:00Z, ago",
    })
    void leavesTheRestAndSaysWhy(Instant at, String word) {
        assertThat(Times.corrected(at, NOW)).isEqualTo(at);
        assertThat(Times.fault(at, NOW)).contains(word);
    }

    @Test
    void whatIsAYearOldIsBelievedWithADoubt() {
        Instant before = Instant.parse("2024-01-01T00:00:00Z");
        assertThat(Times.corrected(before, NOW)).isEqualTo(before);
        assertThat(Times.fault(before, NOW)).isNull();
        assertThat(Times.doubt(before, NOW)).contains("years ago");
        assertThat(Times.doubt(NOW, NOW)).isNull();
    }

    @Test
    void aFileMayBeOfAnyYear() {
        Instant before = Instant.parse("1995-11-29T11:59:00Z");
        assertThat(Times.correctedInFile(before, NOW)).isEqualTo(before);
        assertThat(Times.correctedInFile(Instant.ofEpochMilli(1795953600), NOW)).isEqualTo(NOW);
        assertThat(Times.correctedInFile(Instant.EPOCH, NOW)).isEqualTo(Instant.EPOCH);
    }
}
