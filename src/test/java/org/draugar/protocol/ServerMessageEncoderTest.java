package org.draugar.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.bind.JsonbBuilder;
import java.io.StringReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.draugar.protocol.ServerMessage.LocationBroadcast;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerMessageEncoderTest {
    private static final Map<Class<?>, Object> VALUES = Map.of(
            String.class,
            "text",
            double.class,
            -21.942600000000003,
            Double.class,
            1.0E-5,
            Boolean.class,
            true,
            Instant.class,
            Instant.parse("2026-11-23T08:00:00.120Z"));

    /** Every component, also one that is added later. */
    @Test
    void writesEveryMemberOfAPositionAsJsonBindingDoes() throws Exception {
        RecordComponent[] components = LocationBroadcast.class.getRecordComponents();
        Object[] values = Arrays.stream(components)
                .map(component -> VALUES.get(component.getType()))
                .toArray();
        Constructor<LocationBroadcast> constructor = LocationBroadcast.class.getDeclaredConstructor(
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new));
        writesAsJsonBindingDoes(constructor.newInstance(values));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bj\u00f6rn", "\"\\\u0000\u001f\n/", "\ud83d\ude00", ""})
    void writesAnyNameAndLeavesOutWhatIsNotThere(String name) {
        writesAsJsonBindingDoes(new LocationBroadcast(
                "id", name, 64, -0.0, Instant.EPOCH, null, null, null, null, null, null, null, null));
    }

    private static void writesAsJsonBindingDoes(LocationBroadcast position) {
        assertThat(read(ServerMessageEncoder.payload(position)))
                .isEqualTo(read(JsonbBuilder.create().toJson(position)));
    }

    private static JsonObject read(String json) {
        return Json.createReader(new StringReader(json)).readObject();
    }
}
