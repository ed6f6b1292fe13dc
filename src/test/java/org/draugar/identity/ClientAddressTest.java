package org.draugar.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.draugar.identity.ClientAddress.Source;
import org.draugar.settings.Settings;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
    private final ClientAddress addresses =
            new ClientAddress(Settings.from(Map.of("DRAUGAR_PROXIES", "127.0.0.1,::1,10.0.0.2,2001:db8::2")::get));

    /** A slash stands between the header's lines. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    127.0.0.1       |                                      | 127.0.0.1
                    127.0.0.1       | 203.0.113.7                          | 203.0.113.7
                    ::1             | 203.0.113.7                          | 203.0.113.7
                    0:0:0:0:0:0:0:1 | 203.0.113.7                          | 203.0.113.7
                    127.0.0.1       | 6.6.6.6, 203.0.113.7                 | 203.0.113.7
                    127.0.0.1       | 6.6.6.6 / 203.0.113.7                | 203.0.113.7
                    127.0.0.1       | 203.0.113.7, 10.0.0.2                | 203.0.113.7
                    127.0.0.1       | 203.0.113.7 / 10.0.0.2               | 203.0.113.7
                    127.0.0.1       | 6.6.6.6, 203.0.113.7,10.0.0.2 , ::1  | 203.0.113.7
                    127.0.0.1       | 203.0.113.7, 2001:DB8:0:0::2         | 203.0.113.7
                    127.0.0.1       | 203.0.113.7:4711                     | 203.0.113.7
                    127.0.0.1       | [2001:db8::7]:4711                   | 2001:db8:0:0:0:0:0:7
                    127.0.0.1       | "[2001:db8::7]"                      | 2001:db8:0:0:0:0:0:7
                    127.0.0.1       | 2001:db8::7                          | 2001:db8:0:0:0:0:0:7
                    127.0.0.1       | ::ffff:203.0.113.7                   | 203.0.113.7
                    127.0.0.1       | 203.0.113.7, unknown                 | 127.0.0.1
                    127.0.0.1       | 203.0.113.7, unknown, 10.0.0.2       | 10.0.0.2
                    127.0.0.1       | 203.0.113.7,                         | 127.0.0.1
                    127.0.0.1       | 999.0.113.7                          | 127.0.0.1
                    127.0.0.1       | 1:2:3:4:5:6:7:8:9                    | 127.0.0.1
                    127.0.0.1       | family.example                       | 127.0.0.1
                    127.0.0.1       | 10.0.0.2, 10.0.0.2                   | 10.0.0.2
                    198.51.100.9    | 203.0.113.7                          | 198.51.100.9
                    """)
    void readsTheHeaderFromItsEndPastTrustedProxies(String peer, String header, String client) {
        assertThat(of(peer, header)).isEqualTo(new Source(client, null));
    }

    @ParameterizedTest
    @CsvSource({"172.17.0.1", "192.168.1.2", "10.0.0.3", "169.254.1.1", "fd00:0:0:0:0:0:0:3"})
    void takesAPeerNearbyForAProxyThatWasForgotten(String peer) {
        assertThat(of("127.0.0.1", "203.0.113.7").proxy()).isNull();
        assertThat(addresses.missesProxy()).isFalse();
        assertThat(of(peer, "6.6.6.6, 203.0.113.7")).isEqualTo(new Source("203.0.113.7", peer));
        assertThat(addresses.missesProxy()).as("for the checkup").isTrue();
        assertThat(of(peer, null)).isEqualTo(new Source(peer, null));
        assertThat(of(peer, "rubbish")).isEqualTo(new Source(peer, peer));
    }

    private Source of(String peer, String header) {
        return addresses.of(peer, header == null ? List.of() : Arrays.asList(header.split("/", -1)));
    }
}
