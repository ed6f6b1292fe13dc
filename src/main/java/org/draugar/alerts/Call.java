package org.draugar.alerts;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A call for help.
 *
 * @param id a random positive number
 * @param message what the caller says, or null
 * @param acknowledgedBy who has seen it, in that order
 * @param endedAt when its caller ended it; empty while it goes on
 */
public record Call(
        long id,
        FamilyId family,
        MemberId member,
        Instant at,
        String message,
        List<MemberId> acknowledgedBy,
        Optional<Instant> endedAt) {}
