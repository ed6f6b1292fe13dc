package org.draugar.family;

import java.time.Duration;
import java.util.Optional;

/**
 * A family.
 *
 * @param history how long it keeps positions, zero for only the last one of each member; empty for as long as the server
 * @param serverCanRead whether the server makes the keys that its positions are encrypted with
 */
public record Family(FamilyId id, String name, Optional<Duration> history, boolean serverCanRead) {}
