package org.draugar.location;

import java.util.Arrays;

/** Ids by their hashes, in 16 to 32 bytes each, where a set of objects would take 50. Not thread-safe. */
final class IdSet {
    private long[] hashes = new long[64];
    private int size;

    /** @param hash anything but 0 */
    void add(long hash) {
        if (2 * size >= hashes.length) {
            long[] before = hashes;
            hashes = new long[2 * before.length];
            for (long known : before) {
                if (known != 0) {
                    hashes[indexOf(known)] = known;
                }
            }
        }
        int index = indexOf(hash);
        if (hashes[index] == 0) {
            hashes[index] = hash;
            size++;
        }
    }

    boolean contains(long hash) {
        return hashes[indexOf(hash)] != 0;
    }

    /** Takes one out. */
    void remove(long hash) {
        int index = indexOf(hash);
        if (hashes[index] == 0) {
            return;
        }
        long[] others = Arrays.stream(hashes)
                .filter(known -> known != 0 && known != hash)
                .toArray();
        Arrays.fill(hashes, 0);
        for (long other : others) {
            hashes[indexOf(other)] = other;
        }
        size = others.length;
    }

    int size() {
        return size;
    }

    /** Where it is, or would be. */
    private int indexOf(long hash) {
        int index = (int) (hash >>> 32) & hashes.length - 1;
        while (hashes[index] != 0 && hashes[index] != hash) {
            index = index + 1 & hashes.length - 1;
        }
        return index;
    }
}
