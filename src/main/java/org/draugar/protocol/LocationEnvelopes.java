package org.draugar.protocol;

import org.draugar.delivery.Envelope;
import org.draugar.family.DeviceId;
import org.draugar.family.MemberId;
import org.draugar.location.Encrypted;
import org.draugar.location.Fix;
import org.draugar.location.Report;
import org.draugar.protocol.ServerMessage.EncryptedBroadcast;
import org.draugar.protocol.ServerMessage.LocationBroadcast;

/** Writes a report as the event that the family gets. */
final class LocationEnvelopes {
    private LocationEnvelopes() {}

    static Envelope of(MemberId sender, String senderName, DeviceId device, Report report) {
        ServerMessage message = report instanceof Fix fix
                ? LocationBroadcast.of(sender.toString(), senderName, fix)
                : EncryptedBroadcast.of(sender.toString(), senderName, (Encrypted) report);
        return Envelope.toSubscribers(
                message.type(),
                ServerMessageEncoder.payload(message),
                new Envelope.Key("location", sender),
                device,
                report.measuredAt().toEpochMilli());
    }
}
