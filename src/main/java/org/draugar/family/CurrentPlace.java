package org.draugar.family;

import jakarta.json.bind.annotation.JsonbNillable;
import java.time.Instant;

/**
 * Where a member is right now, by a place's name. Where there is none, JSON says null.
 *
 * @param id the place's
 * @param name the place's
 * @param since when they arrived there
 */
// Yasson asks the type, not the component that has it.
@JsonbNillable
public record CurrentPlace(String id, String name, Instant since) {}
