package org.draugar.location;

import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A report as it is kept.
 *
 * @param offset its place in the family's stream
 * @param id the sender's own id for it, or null
 */
public record Kept(FamilyId family, MemberId member, DeviceId device, long offset, String id, Report report) {}
