package org.draugar.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.draugar.history.HistoryQuery.Order;
import org.draugar.http.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistoryQueryTest {

    @Test
    void askedForNothingInParticularItIsTheNewest500() {
        Instant end = Instant.parse("+10000-01-01T00:00:00Z");
        assertThat(HistoryQuery.parse(null, null, null, null))
                .isEqualTo(HistoryQuery.parse("", " ", "", ""))
                .isEqualTo(new HistoryQuery(Instant.EPOCH, end, Order.DESC, 500));
    }

    @Test
    void readsWhatIsAskedFor() {
        assertThat(HistoryQuery.parse("2026-11-23", "2026-11-24T00:00:00Z", "asc", "5000"))
                .isEqualTo(new HistoryQuery(
                        Instant.parse("2026-11-23T00:00:00Z"), Instant.parse("2026-11-24T00:00:00Z"), Order.ASC, 5000));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T08:00:00Z,          2026-11-23T08:00:00Z",
        "2026-11-23T08:00:00.125Z,      2026-11-23T08:00:00.125Z",
        "2026-11-23T09:00:00+01:00,     2026-11-23T08:00:00Z",
        "2026-11-23T09:00:00 01:00,     2026-11-23T08:00:00Z",
        "2026-11-23T09:00+01:00,        2026-11-23T08:00:00Z",
        "2026-11-23,                    2026-11-23T00:00:00Z",
        "1950-01-01,                    1970-01-01T00:00:00Z",
        "-999999999-01-01,              1970-01-01T00:00:00Z",
        "+999999999-01-01,              +10000-01-01T00:00:00Z",
    })
    void readsTimes(String text, Instant instant) {
        assertThat(HistoryQuery.parse(text, null, null, null).from()).isEqualTo(instant);
        assertThat(HistoryQuery.parse(null, text, null, null).to()).isEqualTo(instant);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            yesterday           |            |     |      | from: expected ISO 8601, such as 2026-11-23T08:00:00Z
            2026-11-23T08:00:00 |            |     |      | from: expected ISO 8601, such as 2026-11-23T08:00:00Z
            2026-02-30          |            |     |      | from: expected ISO 8601, such as 2026-11-23T08:00:00Z
                                | 1700000000 |     |      | to: expected ISO 8601, such as 2026-11-23T08:00:00Z
            2026-11-24          | 2026-11-23 |     |      | from: expected a time before to
                                |            | up  |      | order: expected asc (oldest first) or desc (newest first)
                                |            |     | 0    | limit: expected a number from 1 to 5000
                                |            |     | 5001 | limit: expected a number from 1 to 5000
                                |            |     | 1e3  | limit: expected a number from 1 to 5000
            """)
    void saysWhatWouldBeRight(String from, String to, String order, String limit, String message) {
        assertThatThrownBy(() -> HistoryQuery.parse(from, to, order, limit))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(400))
                .hasMessageStartingWith(message);
    }
}
