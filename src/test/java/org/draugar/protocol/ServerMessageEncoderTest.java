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
import java.util.stream.IntStream;
import org.draugar.protocol.ServerMessage.LocationBroadcast;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerMessageEncoderTest {
    /** Every component, also one that is added later. */
    @Test
    void writesEveryMemberOfAPositionAsJsonBindingDoes() throws Exception {
        RecordComponent[] components = LocationBroadcast.class.getRecordComponents();
        Object[] values = IntStream.range(0, components.length)
                .mapToObj(i -> value(components[i].getType(), i))
                .toArray();
        Constructor<LocationBroadcast> constructor = LocationBroadcast.class.getDeclaredConstructor(
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new));
        writesAsJsonBindingDoes(constructor.newInstance(values));
    }

    /** One that no other component has, so that none can stand in another's place. */
    private static Object value(Class<?> type, int index) {
        return type == String.class
                ? "text " + index
                : type == Boolean.class
                        ? (Object) true
                        : type == Instant.class ? Instant.ofEpochMilli(1_790_000_000_120L) : index * 1.1E-5 - 21;
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
