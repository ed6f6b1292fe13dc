package org.draugar.demo;

import java.time.Instant;
import org.draugar.client.DraugarClient;
import org.draugar.client.Position;
import org.draugar.support.Person;
import org.draugar.support.Server;
import org.draugar.support.Track;
import org.draugar.support.Track.Point;

/** A member of the demo's family who goes round and round a recorded track, and tells where they are each second. */
final class Traveller implements Runnable {
    private static final Track TRACK = Track.recorded("visnjan-car");
    private static final double ROUND =
            TRACK.points().get(TRACK.points().size() - 1).seconds();
    private static final double METRES_PER_DEGREE = 111_320;

    private final DraugarClient client;
    private final String activity;
    private final double pace;
    private double seconds;
    private double battery;

    /**
     * @param from where on the round to begin, 0 to 1
     * @param pace 1 for the speed of the recording, negative for the other direction
     */
    Traveller(Server server, Person person, String activity, double from, double pace) {
        this.client = DraugarClient.builder(server.ws(), person.token())
                .subscribe(false)
                .start();
        this.activity = activity;
        this.pace = pace;
        this.seconds = from * ROUND;
        this.battery = 1 - from / 2;
    }

    @Override
    public void run() {
        Point before = at(seconds);
        seconds = (seconds + pace + ROUND) % ROUND;
        battery = Math.max(0.05, battery - 0.0001);
        Point now = at(seconds);
        double north = (now.latitude() - before.latitude()) * METRES_PER_DEGREE;
        double east =
                (now.longitude() - before.longitude()) * METRES_PER_DEGREE * Math.cos(Math.toRadians(now.latitude()));
        double speed = Math.hypot(north, east);
        boolean moves = speed >= 0.1;
        client.send(new Position(
                now.latitude(),
                now.longitude(),
                Instant.now(),
                8.0,
                null,
                Math.round(speed * 10) / 10.0,
                moves ? Math.floorMod(Math.round(Math.toDegrees(Math.atan2(east, north))), 360) * 1.0 : null,
                Math.round(battery * 100) / 100.0,
                null,
                moves ? activity : "still"));
    }

    private static Point at(double seconds) {
        Point before = TRACK.points().get(0);
        for (Point point : TRACK.points()) {
            if (point.seconds() >= seconds) {
                double span = point.seconds() - before.seconds();
                double part = span == 0 ? 0 : (seconds - before.seconds()) / span;
                return new Point(
                        seconds,
                        before.latitude() + part * (point.latitude() - before.latitude()),
                        before.longitude() + part * (point.longitude() - before.longitude()));
            }
            before = point;
        }
        return before;
    }
}
