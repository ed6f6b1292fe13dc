package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import org.draugar.support.Browser;
import org.draugar.support.CuttingProxy;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The page, in the browsers of two members of a family. */
@Execution(ExecutionMode.CONCURRENT)
@SharedServer
class PageIT {
    private static final double LATITUDE = 64.1466;
    private static final double LONGITUDE = -21.9426;
    /** One kilometre to the north, in degrees. */
    private static final double KILOMETRE = 0.008983;

    private final Server server;

    PageIT(Server server) {
        this.server = server;
    }

    @Test
    void anInviteLinkBringsSomebodyInWhoIsThenSeenMoving() {
        Person anna = server.startFamily("Anna");
        try (Browser annas = Browser.open(server);
                Browser bjorns = Browser.open(server)) {
            annas.goAs(anna).awaitText("#map-empty-title", "You are the first here");
            annas.click("#invite-open").awaitShown("#invite-qr path");
            String link = annas.string("document.querySelector('#invite-link').value");
            assertThat(link).startsWith(server.uri("/#/join/").toString());
            annas.click("#invite-close");

            bjorns.go(link.substring(server.uri("").toString().length() - 1));
            bjorns.awaitShown("#join-name");
            assertThat(bjorns.string("location.href"))
                    .as("the code is out of the address")
                    .isEqualTo(server.uri("/").toString());
            bjorns.type("#join-name", "Björn").click("#join-submit").awaitText("#connection", "Live");
            annas.awaitText("#members", "Björn");
            server.invite(anna);
            annas.click("#invite-open").awaitText("#invite-list", "Made by Anna");
            annas.awaitShown("#invite-qr path")
                    .click("#invite-list button")
                    .await("document.querySelector('#invite-others').hidden");
            assertThat(server.get("/api/invites", anna).json().getJsonArray("invites"))
                    .as("what the dialog shows")
                    .hasSize(1);
            annas.click("#invite-close");

            annas.isAt(LATITUDE, LONGITUDE, 10).click("#sharing-switch").awaitText("#sharing-status", "Last shared");
            bjorns.isAt(LATITUDE + KILOMETRE, LONGITUDE, 10).click("#sharing-switch");
            follow(annas, "Björn");
            annas.awaitText(".member-more", "1 km north of you");
            bjorns.isAt(LATITUDE, LONGITUDE + 3 * KILOMETRE, 10);
            annas.awaitText(".member-more", "1.3 km east of you");
            annas.awaitText("#members", "Live");
            assertThat(bjorns.text("#sharing-chip")).isEqualTo("Sharing");

            bjorns.click("#sharing-switch").awaitText("#sharing-chip", "Not sharing");
        }
    }

    /** As some versions of Safari do. */
    @Test
    void whatABrowserCountsFrom2001WasMeasuredNow() {
        Person anna = server.startFamily("Anna");
        try (Browser annas = Browser.open(server)) {
            annas.isAt(LATITUDE, LONGITUDE, 10).goAs(anna).awaitText("#connection", "Live");
            annas.run("for (const name of ['watchPosition', 'getCurrentPosition']) {"
                    + " const ask = navigator.geolocation[name].bind(navigator.geolocation);"
                    + " navigator.geolocation[name] = (told, ...others) => ask(({coords, timestamp}) =>"
                    + " told({coords, timestamp: timestamp - 978307200000}), ...others); }");
            annas.click("#sharing-switch").awaitText("#sharing-status", "Last shared");
            annas.awaitText("#members", "Live");
        }
        assertThat(server.history(anna, "")).singleElement().satisfies(position -> assertThat(
                        Instant.parse(position.getString("timestamp")))
                .isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES)));
    }

    @Test
    void aUsedLinkSaysSoAndLetsAnotherCodeBeTyped() {
        Person anna = server.startFamily("Anna");
        String code = server.invite(anna);
        server.join(code, "Björn");
        try (Browser eves = Browser.open(server)) {
            eves.go("/#/join/" + code).type("#join-name", "Eve").click("#join-submit");
            eves.awaitText("#join-problem", "may have been used").awaitShown("#join-code");
            eves.run("document.querySelector('#join-code').value = ''");
            eves.type("#join-code", server.invite(anna)).click("#join-submit").awaitText("#connection", "Live");
        }
    }

    @Test
    void whatIsMeasuredWithoutANetworkArrivesOnceWhenItIsBack() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        server.post(
                "/api/locations",
                anna,
                Phone.update(LATITUDE, LONGITUDE).build().toString());
        try (CuttingProxy network = new CuttingProxy(server.port());
                Browser annas = Browser.open(server);
                Browser bjorns = Browser.open(server.through(network.port()))) {
            annas.goAs(anna);
            bjorns.isAt(LATITUDE, LONGITUDE, 10).goAs(bjorn).awaitText("#connection", "Live");
            bjorns.click("#sharing-switch").awaitText("#sharing-status", "Last shared");

            network.cut();
            bjorns.awaitText("#connection", "Not connected");
            for (int i = 1; i <= 3; i++) {
                bjorns.isAt(LATITUDE + i * KILOMETRE, LONGITUDE, 10).awaitText("#sharing-status", i + " position");
            }
            network.mend();

            tryAgain(bjorns);
            bjorns.awaitText("#sharing-status", "Last shared");
            follow(bjorns, "Anna");
            bjorns.awaitText(".member-more", "3 km south of you");
            follow(annas, "Björn");
            annas.awaitText(".member-more", "3 km north of you");
            List<Double> latitudes = locations(bjorn).stream()
                    .map(location -> location.getJsonNumber("latitude").doubleValue())
                    .toList();
            assertThat(latitudes)
                    .containsExactly(
                            LATITUDE, LATITUDE + KILOMETRE, LATITUDE + 2 * KILOMETRE, LATITUDE + 3 * KILOMETRE);
        }
    }

    @Test
    void whereNoWebSocketGetsThroughItIsLiveAllTheSame() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (CuttingProxy network = new CuttingProxy(server.port());
                Browser annas = Browser.open(server);
                Browser bjorns = Browser.open(server.through(network.port()))) {
            network.refuse("GET /ws");
            annas.isAt(LATITUDE, LONGITUDE, 10).goAs(anna).click("#sharing-switch");
            bjorns.isAt(LATITUDE + KILOMETRE, LONGITUDE, 10)
                    .goAs(bjorn)
                    .awaitText("#connection", "Live, without WebSocket")
                    .click("#sharing-switch")
                    .awaitText("#sharing-status", "Last shared");
            follow(annas, "Björn");
            annas.awaitText(".member-more", "1 km north of you");
            annas.isAt(LATITUDE - KILOMETRE, LONGITUDE, 10);
            follow(bjorns, "Anna");
            bjorns.awaitText(".member-more", "2 km south of you");
        }
    }

    @Test
    void aDayIsReplayedTakenAlongAndDeleted(@TempDir Path folder) throws IOException {
        Person anna = server.startFamily("Anna");
        ZonedDateTime morning =
                ZonedDateTime.now(ZoneId.systemDefault()).minusDays(1).with(LocalTime.of(8, 0));
        JsonArrayBuilder day = Json.createArrayBuilder();
        for (int minute = 0; minute <= 30; minute++) { // at home, a way of 2 km, at work
            double way = Math.min(2, Math.max(0, (minute - 10) / 5.0));
            day.add(Phone.update(LATITUDE + way * KILOMETRE, LONGITUDE)
                    .add("timestamp", morning.plusMinutes(minute).toInstant().toString()));
        }
        server.post("/api/locations", anna, day.build().toString());
        try (Browser annas = Browser.open(server)) {
            annas.goAs(anna).awaitText("#connection", "Live");
            annas.click(".member").click(".member-more .button").awaitText("#history-status", "Nothing is kept");
            annas.click("#history-before").awaitText("#history-status", "2 km, 2 stops");
            assertThat(annas.text("#history-parts").replaceAll("\\s+", " "))
                    .matches("1 Stayed 1[01] min 08:00.* km in \\d+ min .*2 Stayed 1[01] min .*");

            annas.run(
                    "const slider = document.querySelector('#history-slider'); slider.value = arguments[0];"
                            + " slider.dispatchEvent(new Event('input'))",
                    Json.createValue(morning.plusMinutes(15).toInstant().toEpochMilli()));
            annas.awaitText("#history-clock", "08:15").awaitText(".part-item.current", "km in");
            annas.click("#history-play").awaitText(".part-item.current", "Stayed");
            assertThat(annas.string("document.querySelector('#history-slider').value"))
                    .as("it has moved on")
                    .isGreaterThan(
                            Long.toString(morning.plusMinutes(15).toInstant().toEpochMilli()));

            annas.savesTo(folder).click("#history-actions .button");
            Path file = folder.resolve("Anna " + morning.toLocalDate() + ".gpx");
            Server.await("the file is there", Duration.ofSeconds(20), () -> Files.exists(file));
            assertThat(Files.readString(file)).contains("<gpx").contains("lat=\"" + LATITUDE + "\"");

            annas.click("#history-delete").click("#confirm-do").awaitText("#history-status", "Nothing is kept");
            assertThat(locations(anna)).isEmpty();
        }
    }

    @Test
    void whoPausesIsSeenAsPausedAndTellsNothingUntilTheyEndIt() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Browser annas = Browser.open(server);
                Browser bjorns = Browser.open(server)) {
            annas.goAs(anna).awaitText("#members", "Björn");
            bjorns.isAt(LATITUDE, LONGITUDE, 10).goAs(bjorn).click("#sharing-switch");
            bjorns.awaitText("#sharing-status", "Last shared");
            annas.awaitText("#members", "100%");

            bjorns.click("#pause-open").click("#pause-4").awaitText("#sharing-status", "Paused until");
            assertThat(bjorns.text("#sharing-chip")).isEqualTo("Paused");
            annas.awaitText("#members", "Paused");
            bjorns.isAt(LATITUDE + KILOMETRE, LONGITUDE, 10);
            bjorns.click("#pause-open").awaitText("#sharing-chip", "Sharing");
            annas.await("!document.querySelector('#members').innerText.includes('Paused')");
            bjorns.isAt(LATITUDE + 2 * KILOMETRE, LONGITUDE, 10);
            Server.await("Björn is seen again", Duration.ofSeconds(60), () -> locations(bjorn).stream()
                    .anyMatch(
                            location -> location.getJsonNumber("latitude").doubleValue() == LATITUDE + 2 * KILOMETRE));
            assertThat(locations(bjorn))
                    .as("nothing of the pause is kept")
                    .noneMatch(location -> location.getJsonNumber("latitude").doubleValue() == LATITUDE + KILOMETRE);
        }
    }

    @Test
    void aTrackerIsAddedAndThePageSaysWhetherItWorks() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Browser annas = Browser.open(server);
                Browser bjorns = Browser.open(server)) {
            annas.goAs(anna).awaitText("#connection", "Live");
            annas.click("#family-open").click("#family-tracker").awaitShown("#tracker-name");
            annas.run("document.querySelector('#tracker-name').value = ''");
            annas.click("#tracker-save").awaitText("#tracker-problem", "Enter a name");
            annas.type("#tracker-name", "Pixel").click("#tracker-family").click("#tracker-save");
            annas.awaitShown("#tracker-qr path").awaitText("#tracker-state", "Waiting for its first position");
            String link = annas.string("document.querySelector('#tracker-link').href");
            JsonObject told = Json.createReader(new StringReader(new String(
                            Base64.getDecoder()
                                    .decode(URLDecoder.decode(
                                            link.replace("owntracks:///config?inline=", ""), StandardCharsets.UTF_8)),
                            StandardCharsets.UTF_8)))
                    .readObject();
            assertThat(told.getString("url")).isEqualTo(server.uri("/owntracks").toString());
            annas.click("#tracker-by-hand summary").awaitShown("[aria-label='Copy: Password']");
            assertThat(annas.string("[...document.querySelectorAll('#tracker-texts input')].map((e) => e.value)"))
                    .contains(told.getString("url"), told.getString("password"));
            Tracker phone = new Tracker(server, anna, told.getString("username"), told.getString("password"), told);

            phone.post("/owntracks", "{\"_type\":\"location\",\"lat\":64.1,\"tst\":" + seconds() + "}");
            annas.awaitText("#tracker-state", "Something arrived, but: latitude and longitude");
            phone.post("/owntracks", located(LATITUDE));
            annas.awaitText("#tracker-state", "First position received");
            assertThat(annas.string("location.href + JSON.stringify([localStorage, sessionStorage, history.state])"))
                    .doesNotContain(phone.secret());
            annas.click("#tracker-done").awaitText(".device", "Battery 82%");
            annas.await("!document.querySelector('#tracker-qr path')");
            assertThat(annas.string("document.documentElement.innerHTML"))
                    .as("the secret is gone with the dialog")
                    .doesNotContain(phone.secret())
                    .doesNotContain(link);

            // From here on the family may know, and hears of trouble.
            annas.click("[aria-label='Change: Pixel']").click("#tracker-shown").click("#tracker-save");
            annas.await("!document.querySelector('#tracker-dialog').open");
            bjorns.goAs(bjorn).click("#family-open").awaitText(".device", "Pixel");
            bjorns.awaitText(".device", "OwnTracks · last heard");
            assertThat(bjorns.run("return document.querySelector('[aria-label=\"Remove: Pixel\"]')"))
                    .isEqualTo(JsonValue.NULL);
            assertThat(phone.post("/owntracks", "").response().body())
                    .as("the family in her app, as she wanted")
                    .contains("Björn");
            bjorns.click("#family-close").click("#settings-open").click("#settings-apps");
            Server.await(
                    "he does not want that",
                    Duration.ofSeconds(10),
                    () -> phone.post("/owntracks", "").response().body().equals("[]"));

            phone.post("/owntracks", "{\"_type\":\"nonsense\"}");
            annas.awaitText(".device", "not understood").awaitText(".device", "_type: expected");

            annas.click("[aria-label='Remove: Pixel']").click("#confirm-do");
            annas.await("!document.querySelector('.devices').innerText.includes('Pixel')");
            assertThat(phone.post("/owntracks", located(LATITUDE)).status()).isEqualTo(401);
        }
    }

    private static String located(double latitude) {
        return "{\"_type\":\"location\",\"lat\":" + latitude + ",\"lon\":" + LONGITUDE + ",\"tst\":" + seconds()
                + ",\"batt\":82,\"tid\":\"an\"}";
    }

    private static long seconds() {
        return Instant.now().getEpochSecond();
    }

    @Test
    void everybodyIsInViewFromTheStart() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Person chinedu = server.join(anna, "Chinedu");
        server.post(
                "/api/locations", anna, "[" + Phone.update(64.1466, -21.9426).build() + "]");
        server.post(
                "/api/locations", bjorn, "[" + Phone.update(64.1476, -21.9446).build() + "]");
        server.post(
                "/api/locations", chinedu, "[" + Phone.update(65.6835, -18.1002).build() + "]");
        try (Browser annas = Browser.open(server)) {
            // Neither the whole world nor the two who are at home.
            annas.goAs(anna).await("/^\\d{2,3} km$/.test(document.querySelector('.map-scale')?.innerText.trim())");
        }
    }

    @Test
    void whoIsRemovedIsToldSo() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Browser annas = Browser.open(server);
                Browser bjorns = Browser.open(server)) {
            bjorns.goAs(bjorn).awaitText("#connection", "Live");
            bjorns.await("navigator.serviceWorker.controller !== null");
            annas.goAs(anna)
                    .click("#family-open")
                    .click("[aria-label='Remove: Björn']")
                    .click("#confirm-do");
            bjorns.awaitText("#join-notice", "no longer a member");
            assertThat(bjorns.run("return localStorage.getItem('draugar.session')"))
                    .isEqualTo(JsonValue.NULL);
            Server.await("no tile tells where he has looked", Duration.ofSeconds(20), () -> bjorns.run(
                            "return caches.keys().then((names) => names.length === 0)")
                    .equals(JsonValue.TRUE));
        }
    }

    @Test
    void itOpensWithoutANetworkAndKeepsNothingOfTheFamily() {
        Person anna = server.startFamily("Anna");
        try (CuttingProxy network = new CuttingProxy(server.port());
                Browser annas = Browser.open(server.through(network.port()))) {
            annas.goAs(anna).awaitText("#connection", "Live");
            annas.await("navigator.serviceWorker.controller !== null");
            String kept = "return caches.open('draugar').then((cache) => cache.keys())"
                    + ".then((requests) => requests.map((request) => new URL(request.url).pathname).join(' '))";
            String paths = Server.await("the page is kept", Duration.ofSeconds(20), () -> {
                String loaded = annas.string("performance.getEntriesByType('resource').map((e) => new URL(e.name)"
                        + ".pathname).filter((path) => /\\.(js|css)$/.test(path)).join(' ')");
                String now = ((JsonString) annas.run(kept)).getString();
                List<String> all = List.of(now.split(" "));
                return all.contains("/") && all.containsAll(List.of(loaded.split(" "))) ? now : null;
            });
            assertThat(paths).doesNotContain("/api/").doesNotContain("/ws");

            network.cut();
            annas.go("/").awaitText("#connection", "Not connected").awaitShown("#map canvas");
            network.mend();
            tryAgain(annas);
            annas.awaitText("#connection", "Live");
        }
    }

    @Test
    void itSpeaksTheLanguageOfItsReader() {
        Person anna = server.startFamily("Anna");
        try (Browser icelandic = Browser.open(server, "is");
                Browser german = Browser.open(server, "de-AT")) {
            icelandic.goAs(anna).awaitText("#connection", "Í beinni").awaitText("#sharing-chip", "Deilir ekki");
            german.goAs(anna).awaitText("#sharing-chip", "Teilt nicht");
            german.run("localStorage.setItem('draugar.language', 'is')");
            german.go("/").awaitText("#sharing-chip", "Deilir ekki");
            assertThat(german.string("document.documentElement.lang")).isEqualTo("is");
            for (String language : List.of("es Sin compartir", "fr Pas de partage", "pl Nie udostępnia")) {
                german.run(
                        "localStorage.setItem('draugar.language', arguments[0])",
                        Json.createValue(language.substring(0, 2)));
                german.go("/").awaitText("#sharing-chip", language.substring(3));
            }
        }
    }

    /** By script, because the page may have come back by itself, and the button be gone. */
    private static void tryAgain(Browser browser) {
        browser.run("document.querySelector('#connection-retry').click()");
    }

    private static void follow(Browser browser, String name) {
        browser.awaitText("#members", name);
        browser.run(
                "[...document.querySelectorAll('.member')].find((e) => e.innerText.includes(arguments[0])).click()",
                Json.createValue(name));
    }

    private List<JsonObject> locations(Person person) {
        return server.get(
                        "/api/users/" + person.id() + "/locations?order=asc&to="
                                + Instant.now().plusSeconds(60),
                        person)
                .json()
                .getJsonArray("locations")
                .getValuesAs(JsonObject.class);
    }
}
