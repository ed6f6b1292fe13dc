package org.draugar.identity;

import java.time.Instant;
import org.draugar.family.DeviceId;
import org.draugar.family.MemberId;

/** A signed-in device of a member. */
public record Device(DeviceId id, MemberId member, String name, Instant createdAt, Instant lastSeenAt) {}
