package org.draugar.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Says the same as Java. */
class TimestampsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-23T08:00:00Z",
                "2026-11-23T08:00:00.000Z",
                "2026-11-23T08:00:00.007Z",
                "2024-02-29T23:59:59.999Z",
                "0000-01-01T00:00:00Z",
                "9999-12-31T23:59:59.999Z",
                "2026-11-23T24:00:00Z",
                "2016-12-31T23:59:60Z",
                "2026-11-23T08:00:00.123456Z",
                "2026-11-23T08:00:00.5Z",
                "2026-11-23T08:00:00+01:00",
                "-0001-11-23T08:00:00Z",
                "+12026-11-23T08:00:00Z"
            })
    void reads(String text) {
        assertEquals(Instant.parse(text), Timestamps.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Z",
                "yesterday",
                "2026-11-23",
                "2026-11-23T08:00:00",
                "2026-11-23T08:00Z",
                "2026-11-23 08:00:00Z",
                "2026-02-29T08:00:00Z",
                "2026-13-01T08:00:00Z",
                "2026-00-01T08:00:00Z",
                "2026-11-31T08:00:00Z",
                "2026-11-23T25:00:00Z",
                "2026-11-23T24:00:01Z",
                "2026-11-23T08:60:00Z",
                "2026-11-23T08:00:61Z",
                "2026-11-23T08:00:00.000z0",
                "2026-11-23T08:00:0\u0660Z"
            })
    void refuses(String text) {
        assertThrows(DateTimeException.class, () -> Instant.parse(text), "Java takes it");
        assertThrows(DateTimeException.class, () -> Timestamps.parse(text));
    }

    @Test
    void writes() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            long seconds = random.nextLong(-70_000_000_000L, 260_000_000_000L);
            int nanos =
                    switch (i % 3) {
                        case 0 -> 0;
                        case 1 -> random.nextInt(1000) * 1_000_000;
                        default -> random.nextInt(1_000_000_000);
                    };
            Instant moment = Instant.ofEpochSecond(seconds, nanos);
            StringBuilder text = new StringBuilder();
            Timestamps.append(text, moment);
            assertEquals(moment.toString(), text.toString());
            assertEquals(moment, Timestamps.parse(text.toString()));
        }
    }
}
