package org.draugar.protocol;

import org.draugar.delivery.Envelope;
import org.draugar.family.Caller;
import org.draugar.family.MemberId;
import org.draugar.location.Encrypted;
import org.draugar.location.Fix;
import org.draugar.location.Kept;
import org.draugar.location.LocationShared;
import org.draugar.location.Report;
import org.draugar.location.Tracks;
import org.draugar.protocol.ServerMessage.EncryptedBroadcast;
import org.draugar.protocol.ServerMessage.LocationBroadcast;

/** Writes a report as the event that the family gets. */
final class LocationEnvelopes {
    private LocationEnvelopes() {}

    static Envelope of(LocationShared shared) {
        Caller sender = shared.sender();
        ServerMessage message = message(sender.member(), sender.memberName(), shared.report());
        Envelope envelope = Envelope.toSubscribers(
                message.type(),
                ServerMessageEncoder.payload(message),
                key(sender.member()),
                sender.device(),
                shared.report().measuredAt().toEpochMilli(),
                shared::placedAt);
        boolean isAlarm = shared.report() instanceof Fix fix && fix.alarm() != null;
        return isAlarm ? envelope.unskippable() : envelope;
    }

    static Envelope of(Tracks.Named named) {
        Kept kept = named.kept();
        ServerMessage message = message(kept.member(), named.memberName(), kept.report());
        return Envelope.stored(
                message.type(),
                ServerMessageEncoder.payload(message),
                key(kept.member()),
                kept.device(),
                kept.report().measuredAt().toEpochMilli(),
                kept.offset());
    }

    static Envelope.Key key(MemberId member) {
        return new Envelope.Key("location", member);
    }

    private static ServerMessage message(MemberId sender, String senderName, Report report) {
        return report instanceof Fix fix
                ? LocationBroadcast.of(sender.toString(), senderName, fix)
                : EncryptedBroadcast.of(sender.toString(), senderName, (Encrypted) report);
    }
}
