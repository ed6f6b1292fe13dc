package org.draugar.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.draugar.http.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"Anna", "Björn Þór", "李小龍", "عائشة", "👩\u200D👧 & co.", "<script>alert(1)</script>", "O'Neill"})
    void takesNamesAsPeopleWriteThem(String name) {
        assertThat(Name.check("name", name)).isEqualTo(name);
    }

    @Test
    void countsCodePointsNotChars() {
        String name = "😀".repeat(64);
        assertThat(Name.check("name", name)).isEqualTo(name);
        assertThatThrownBy(() -> Name.check("name", name + "x"))
                .isInstanceOf(Problem.class)
                .hasMessage("The name is too long: at most 64 characters");
    }

    @Test
    void bringsEqualLookingNamesToOneForm() {
        assertThat(Name.check("name", " Bjo\u0308rn ")).isEqualTo("Björn");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\u202Eb",
                "a\u200Fb",
                "a\u2066b",
                "a\u0000b",
                "a\nb",
                "a\u001B[31mb",
                "a\u2028b",
                "a\uD800b",
                "a\uFEFFb"
            })
    void refusesCharactersThatDisguise(String name) {
        assertThatThrownBy(() -> Name.check("name", name))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("control or direction character");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t"})
    void refusesNothing(String name) {
        assertThatThrownBy(() -> Name.check("name", name)).hasMessage("Give a name: 1 to 64 characters");
    }
}
