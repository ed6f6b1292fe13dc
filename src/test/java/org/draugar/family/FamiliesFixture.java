package org.draugar.family;

import org.draugar.store.Store;

/** Makes the repository where no container does. */
public final class FamiliesFixture {
    private FamiliesFixture() {}

    public static Families families(Store store) {
        return families(store, new byte[32]);
    }

    /** @param codeKey that codes are hashed with */
    public static Families families(Store store, byte[] codeKey) {
        return new Families(store, new CodeKey(codeKey));
    }

    /** Pauses as they are stored. */
    public static Pauses pauses(Store store) {
        Pauses pauses = new Pauses(store, null, null);
        pauses.start();
        return pauses;
    }
}
