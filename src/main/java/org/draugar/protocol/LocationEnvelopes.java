package org.draugar.protocol;

import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.location.Encrypted;
import org.draugar.location.Fix;
import org.draugar.location.Report;
import org.draugar.location.StoredReport;
import org.draugar.location.Tracks;
import org.draugar.protocol.ServerMessage.EncryptedBroadcast;
import org.draugar.protocol.ServerMessage.LocationBroadcast;
import org.draugar.stream.Envelope;

/** Writes a report as the event that the family gets. */
final class LocationEnvelopes {
    private LocationEnvelopes() {}

    /** @param id the sender's own id for it, or null */
    static Envelope of(Caller sender, String id, Report report) {
        Envelope event = of(sender.family(), sender.member(), sender.memberName(), sender.device(), id, report);
        boolean isAlarm = report instanceof Fix fix && fix.alarm() != null;
        return isAlarm ? event.unskippable() : event;
    }

    static Envelope of(Tracks.Named named) {
        StoredReport kept = named.kept();
        return of(kept.family(), kept.member(), named.memberName(), kept.device(), kept.id(), kept.report())
                .placeAt(kept.offset());
    }

    private static Envelope of(
            FamilyId family, MemberId member, String name, DeviceId device, String id, Report report) {
        ServerMessage message = message(member, name, report);
        return Envelope.shared(
                family,
                message.type(),
                ServerMessageEncoder.payload(message),
                new Envelope.Key("location", member),
                device,
                report.measuredAt().toEpochMilli(),
                id);
    }

    private static ServerMessage message(MemberId sender, String senderName, Report report) {
        return report instanceof Fix fix
                ? LocationBroadcast.of(sender.toString(), senderName, fix)
                : EncryptedBroadcast.of(sender.toString(), senderName, (Encrypted) report);
    }
}
