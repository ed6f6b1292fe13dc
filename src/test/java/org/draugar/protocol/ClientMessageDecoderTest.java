package org.draugar.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.websocket.DecodeException;
import java.time.Instant;
import org.draugar.location.Encrypted;
import org.draugar.location.Fix;
import org.draugar.protocol.ClientMessage.LocationSubscribe;
import org.draugar.protocol.ClientMessage.LocationUnsubscribe;
import org.draugar.protocol.ClientMessage.LocationUpdate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientMessageDecoderTest {
    private final ClientMessageDecoder decoder = new ClientMessageDecoder();

    @Test
    void readsAPositionWithEverything() throws Exception {
        assertThat(
                        decoder.decode(
                                """
                {"latitude":64.1466,"longitude":-21.9426,"accuracy":12.5,"timestamp":"2026-11-23T08:00:00.000Z",
                 "id":"a-1","altitude":-3,"speed":1.5,"bearing":270,"battery":0.5,"charging":true,
                 "activity":"walking","alarm":"sos","type":"location:update"}"""))
                .isEqualTo(new LocationUpdate(
                        "a-1",
                        new Fix(
                                64.1466,
                                -21.9426,
                                Instant.parse("2026-11-23T08:00:00Z"),
                                12.5,
                                -3.0,
                                1.5,
                                270.0,
                                0.5,
                                true,
                                "walking",
                                "sos")));
    }

    @Test
    void passesOverWhatItDoesNotKnow() throws Exception {
        assertThat(decoder.decode("{\"type\":\"location:unsubscribe\",\"new\":{\"a\":[1,2]},\"more\":null}"))
                .isEqualTo(new LocationUnsubscribe());
    }

    @Test
    void readsWhereASubscriberLeftOff() throws Exception {
        assertThat(decoder.decode("{\"type\":\"location:subscribe\",\"since\":7354114513268736}"))
                .isEqualTo(new LocationSubscribe(7354114513268736L));
    }

    @Test
    void readsAnEncryptedPayloadWithoutLookingInside() throws Exception {
        String n = "A".repeat(32);
        String c = "b-_9".repeat(10);
        ClientMessage message =
                decoder.decode("{\"type\":\"location:update\",\"v\":1,\"n\":\"" + n + "\",\"c\":\"" + c + "\"}");
        assertThat(((LocationUpdate) message).report()).isInstanceOfSatisfying(Encrypted.class, encrypted -> {
            assertThat(encrypted.n()).isEqualTo(n);
            assertThat(encrypted.c()).isEqualTo(c);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            {}                                                  | type: expected location:update, location:subscribe, location:unsubscribe or ping
            {"type":"location:delete"}                          | type: expected location:update, location:subscribe, location:unsubscribe or ping
            {"type":1}                                          | type: expected text
            {"type":"location:update"}                          | latitude: expected degrees as a number, but it is missing
            {"type":"location:update","latitude":"64"}          | latitude: expected a number
            {"type":"location:update","latitude":1e400}         | latitude: expected a finite number
            {"type":"location:update","latitude":NaN}           | not JSON
            {"type":"location:update","latitude":1,"latitude":2}| latitude: is there twice
            {"type":"location:update","latitude":1,"longitude":1}| timestamp: expected ISO 8601 with a zone, such as 2026-11-23T08:00:00.000Z
            {"type":"location:update","latitude":1,"longitude":1,"timestamp":"yesterday"}| timestamp: expected ISO 8601 with a zone, such as 2026-11-23T08:00:00.000Z
            {"type":"location:update","charging":1}             | charging: expected true or false
            {"type":"location:update","latitude":{"a":1}}       | latitude: expected a number
            {"type":"location:update","v":2,"n":"a","c":"b"}    | encrypted payload: expected v 1 or 2, and n (24 bytes) and c in base64url
            {"type":"location:subscribe","since":1.5}           | since: expected the offset of an event
            {"type":"location:subscribe","since":-1}            | since: expected the offset of an event
            {"type":"location:subscribe"} {}                    | expected one JSON object
            {"type":"location:subscribe"}x                      | expected one JSON object
            [1]                                                 | expected one JSON object
            "text"                                              | expected one JSON object
            {"type":"location:subscribe"                        | expected one JSON object
            {"a":[[[1]]]}                                       | nested too deeply
            {"type" "location:subscribe"}                       | not JSON
            """)
    void saysWhatIsWrong(String text, String message) {
        assertThatThrownBy(() -> decoder.decode(text))
                .isInstanceOf(DecodeException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void isNotBroughtDownByDepthOrDigits() {
        assertThatThrownBy(() -> decoder.decode("{\"a\":".repeat(100_000))).hasMessage("nested too deeply");
        String digits = "9".repeat(1_000_000);
        assertThatThrownBy(() -> decoder.decode("{\"type\":\"location:update\",\"latitude\":" + digits + "}"))
                .hasMessage("latitude: expected a finite number");
    }
}
