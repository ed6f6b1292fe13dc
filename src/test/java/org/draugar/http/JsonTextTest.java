package org.draugar.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {

    @Test
    void cutsAnArrayIntoItsElements() {
        assertThat(JsonText.elements(" [ {\"a\":\"x,]\\\"}\"} ,{\"b\":[1,2]},3] "))
                .containsExactly(" {\"a\":\"x,]\\\"}\"} ", "{\"b\":[1,2]}", "3");
        assertThat(JsonText.elements("[]")).isEmpty();
        assertThat(JsonText.elements("[1,2]", 2)).containsExactly("1", "2");
        assertThatThrownBy(() -> JsonText.elements("[1,2]", 1)).hasMessage("expected an array of at most 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[", "[{]", "[\"a]", "[1}"})
    void refusesWhatIsNoArray(String text) {
        assertThatThrownBy(() -> JsonText.elements(text)).hasMessage("expected one JSON array");
    }
}
