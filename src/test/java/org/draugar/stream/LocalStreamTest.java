package org.draugar.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LocalStreamTest extends FamilyStreamContract {
    private final LocalStream stream = new LocalStream();

    @Override
    FamilyStream stream() {
        return stream;
    }

    @Override
    FamilyStream elsewhere() {
        return stream;
    }

    @Test
    void offsetsAreAboveWhatIsStored() {
        long future = Offsets.now() * 2;
        stream.begin(future);
        assertThat(append(stream, shared("{}", null))).isGreaterThan(future);
    }
}
