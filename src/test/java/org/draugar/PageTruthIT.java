package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.draugar.support.Browser;
import org.draugar.support.CuttingProxy;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the page says of people is so. */
@Execution(ExecutionMode.CONCURRENT)
@SharedServer
class PageTruthIT {
    private static final double LATITUDE = 64.1466;
    private static final double LONGITUDE = -21.9426;

    private final Server server;

    PageTruthIT(Server server) {
        this.server = server;
    }

    @Test
    void anAlarmIsShownAsOneWhateverComesAfterIt() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Browser annas = Browser.open(server)) {
            annas.goAs(anna).awaitText("#members", "Björn");
            report(bjorn, LATITUDE, Instant.now().minusSeconds(30), "sos");
            annas.awaitText("#toast", "Björn: SOS").awaitText("[data-state='alarm']", "SOS");
            report(bjorn, LATITUDE, Instant.now(), null);
            annas.await("document.querySelector('#members').innerText.includes('now')");
            assertThat(annas.text("[data-state='alarm']")).contains("Björn", "SOS");
            // Who opens the page only now sees it too.
            annas.go("/").awaitText("[data-state='alarm']", "SOS");
        }
    }

    @Test
    void anAlarmWithoutAPlaceIsShownToo() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Tracker tracker = Tracker.add(server, bjorn, "traccar");
        try (Browser annas = Browser.open(server)) {
            annas.goAs(anna).awaitText("#members", "Björn");
            assertThat(tracker.alarm("sos").status()).isEqualTo(200);
            annas.awaitText("#toast", "Björn: SOS").awaitText("[data-state='alarm']", "SOS");
            // Who opens the page only now sees it too.
            annas.go("/").awaitText("[data-state='alarm']", "SOS");
        }
    }

    @Test
    void whoSwitchesOffIsNotSeenAsLiveAnyMore() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Browser annas = Browser.open(server);
                Browser bjorns = Browser.open(server)) {
            annas.goAs(anna).awaitText("#members", "Björn");
            bjorns.isAt(LATITUDE, LONGITUDE, 10).goAs(bjorn).click("#sharing-switch");
            annas.awaitText("[data-state='live']", "Björn").awaitText("#family-count", "1 of 2");
            bjorns.click("#sharing-switch").awaitText("#sharing-status", "sees where you were");
            annas.awaitText("[data-state='stale']", "Björn").awaitText("#family-count", "0 of 2");
            annas.go("/").awaitText("[data-state='stale']", "Björn");
            bjorns.isAt(LATITUDE + 0.01, LONGITUDE, 10).click("#sharing-switch");
            annas.awaitText("[data-state='live']", "Björn");
            // A tab that closes shares no more either.
            bjorns.go("/app.css");
            annas.awaitText("[data-state='offline']", "Björn");
        }
    }

    @Test
    void theCardSpeaksOfMeAndNotOfThisPage() {
        Person anna = server.startFamily("Anna");
        Tracker phone = Tracker.add(server, anna, "owntracks");
        try (Browser annas = Browser.open(server)) {
            annas.goAs(anna).awaitText("#sharing-status", "does not see where you are");
            phone.post("/owntracks", located(Instant.now().minusSeconds(240)));
            annas.awaitText("#sharing-status", "Shared by The owntracks, 4 min").awaitText("#sharing-chip", "Sharing");
            annas.go("/").awaitText("#sharing-status", "Shared by The owntracks");
            assertThat(annas.string("document.querySelector('#sharing-switch').ariaChecked"))
                    .isEqualTo("false");
        }
    }

    @Test
    void aTrackerKeepsItsOwnerOnTheMapWhereTheyAre() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Tracker phone = Tracker.add(server, bjorn, "owntracks");
        for (int minutes : new int[] {50, 30, 12}) {
            phone.post("/owntracks", located(Instant.now().minus(Duration.ofMinutes(minutes))));
        }
        try (Browser annas = Browser.open(server)) {
            annas.goAs(anna).awaitText("[data-state='here']", "Here since").awaitText("#members", "updated 12 min");
            annas.awaitText("#family-count", "1 of 2");
        }
    }

    @Test
    void whatWaitedBeforeAReloadIsAskedFor() {
        Person anna = server.startFamily("Anna");
        try (CuttingProxy network = new CuttingProxy(server.port());
                Browser annas = Browser.open(server.through(network.port()))) {
            annas.isAt(LATITUDE, LONGITUDE, 10).goAs(anna).awaitText("#connection", "Live");
            annas.await("navigator.serviceWorker.controller !== null");
            annas.click("#sharing-switch").awaitText("#sharing-status", "Last shared");
            int before = locations(anna);
            network.cut();
            annas.awaitText("#connection", "Not connected");
            annas.isAt(LATITUDE + 0.01, LONGITUDE, 10).awaitText("#sharing-status", "on this device");
            network.mend();
            annas.go("/").awaitText("#sharing-left", "from before");
            annas.awaitText("#connection", "Live");
            assertThat(annas.string("document.querySelector('#sharing-switch').ariaChecked"))
                    .isEqualTo("false");
            assertThat(locations(anna)).as("nothing goes unasked").isEqualTo(before);
            annas.click("#sharing-left-send").await("document.querySelector('#sharing-left').hidden");
            Server.await("it is sent", Duration.ofSeconds(20), () -> locations(anna) > before);
            annas.go("/").awaitText("#connection", "Live");
            assertThat(annas.run("return document.querySelector('#sharing-left').hidden"))
                    .isEqualTo(jakarta.json.JsonValue.TRUE);
        }
    }

    @Test
    void whoPausesIsNotOnTheMapAndIsSeenUntilWhen() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        report(bjorn, LATITUDE, Instant.now(), null);
        try (Browser annas = Browser.open(server)) {
            annas.goAs(anna).await("document.querySelector('#map').ariaLabel?.includes('Björn')");
            server.send(server.request("/api/pause", bjorn)
                    .PUT(java.net.http.HttpRequest.BodyPublishers.ofString("{\"hours\":4}")));
            annas.awaitText("[data-state='paused']", "until")
                    .await("!document.querySelector('#map').ariaLabel.includes('Björn')");
            assertThat(annas.text("[data-state='paused']")).doesNotContain("sec", "now");
            server.delete("/api/pause", bjorn);
            annas.awaitText("[data-state='offline']", "Björn");
        }
    }

    private void report(Person person, double latitude, Instant at, String alarm) {
        var report = Phone.update(latitude, LONGITUDE).add("timestamp", at.toString());
        if (alarm != null) {
            report.add("alarm", alarm);
        }
        server.post("/api/locations", person, report.build().toString());
    }

    private static String located(Instant at) {
        return Json.createObjectBuilder()
                .add("_type", "location")
                .add("lat", LATITUDE)
                .add("lon", LONGITUDE)
                .add("tst", at.getEpochSecond())
                .add("tid", "an")
                .build()
                .toString();
    }

    private int locations(Person person) {
        return List.copyOf(server.get("/api/users/" + person.id() + "/locations", person)
                        .json()
                        .getJsonArray("locations"))
                .size();
    }
}
