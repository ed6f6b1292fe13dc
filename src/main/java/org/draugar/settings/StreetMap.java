package org.draugar.settings;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A map with streets, which browsers fetch from where it is.
 *
 * @param kind what is there
 * @param url address of the tiles, with {@code {z}}, {@code {x}} and {@code {y}} in place of their numbers, or of the
 *     one file of the kinds that have one; without scheme and host it is on this server
 * @param attribution what its makers ask to be named as on the map
 */
public record StreetMap(Kind kind, String url, String attribution) {

    /** What browsers find at the address. */
    public enum Kind {
        /** Pictures, a tile each. */
        RASTER("an address with {z}, {x} and {y}"),
        /** Mapbox Vector Tiles 2.1, or the TileJSON 3.0 that tells where they are. */
        VECTOR("an address with {z}, {x} and {y}, or that of a TileJSON"),
        /** Pictures or Mapbox Vector Tiles in one file, a PMTiles archive of version 3. */
        PMTILES("the address of one file");

        private final String address;

        Kind(String address) {
            this.address = address;
        }

        private boolean fits(long numbers) {
            return switch (this) {
                case RASTER -> numbers == 3;
                case VECTOR -> numbers == 3 || numbers == 0;
                case PMTILES -> numbers == 0;
            };
        }

        /** The word for it in the setting and in what browsers are told. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The one that needs no more than its name: free for everybody, without a key. */
    private static final String OPEN_FREE_MAP = "openfreemap";

    private static final String MAP = "DRAUGAR_MAP";
    private static final String KINDS =
            Arrays.stream(Kind.values()).map(Kind::toString).collect(Collectors.joining(", "));
    /** Origin and host, both missing on this server, and a path that no browser takes for another host's. */
    private static final Pattern ADDRESS =
            Pattern.compile("(https?://([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:]+])(?::[0-9]{1,5})?)?/(?![/\\\\])"
                    + "(?:[\\x21-\\x7e&&[^{}\\\\]]|\\{[zxy]})*");

    /**
     * Reads the two settings of it.
     *
     * @throws UnusableSetting without what was found: people put keys into such addresses
     */
    static Optional<StreetMap> from(String map, String attribution) {
        if (map.isEmpty()) {
            return Optional.empty();
        }
        if (map.equals(OPEN_FREE_MAP)) {
            return Optional.of(new StreetMap(
                    Kind.VECTOR,
                    "https://tiles.openfreemap.org/planet",
                    "OpenFreeMap © OpenMapTiles, data from OpenStreetMap"));
        }
        String[] words = map.split("\\s+", 2);
        Kind kind = Stream.of(Kind.values())
                .filter(known -> known.toString().equals(words[0]))
                .findAny()
                .orElseThrow(() -> new UnusableSetting(
                        MAP, OPEN_FREE_MAP + ", or one of " + KINDS + " and then the map's address", null));
        if (words.length < 2
                || !ADDRESS.matcher(words[1]).matches()
                || !kind.fits(Stream.of("{z}", "{x}", "{y}")
                        .filter(words[1]::contains)
                        .count())) {
            throw new UnusableSetting(MAP, kind + " and " + kind.address + ", such as https://maps.example/…", null);
        }
        if (attribution.isEmpty()) {
            throw new UnusableSetting(
                    MAP + "_ATTRIBUTION", "whom the map is owed to, such as © OpenStreetMap contributors", null);
        }
        return Optional.of(new StreetMap(kind, words[1], attribution));
    }

    /** Whom browsers ask, such as {@code https://maps.example:8443}; empty where it is this server. */
    public Optional<String> origin() {
        return Optional.ofNullable(address().group(1));
    }

    /** Who learns where people look, such as {@code maps.example}; empty where it is this server. */
    public Optional<String> host() {
        return Optional.ofNullable(address().group(2));
    }

    private Matcher address() {
        Matcher address = ADDRESS.matcher(url);
        if (!address.matches()) {
            throw new IllegalStateException("Not an address");
        }
        return address;
    }
}
