package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.draugar.support.Browser;
import org.draugar.support.CuttingProxy;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a family sets, brings in and takes along in the page, and how its members keep their place in it. */
@Execution(ExecutionMode.CONCURRENT)
@SharedServer
class PageFamilyIT {
    private static final double LATITUDE = 64.1466;
    private static final double LONGITUDE = -21.9426;

    private final Server server;

    PageFamilyIT(Server server) {
        this.server = server;
    }

    @Test
    void anotherDeviceOfMineIsMeAndSoIsTheOneThatAnAdminLetsIn() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Browser annas = Browser.open(server);
                Browser other = Browser.open(server)) {
            annas.goAs(anna)
                    .awaitText("#members", "Björn")
                    .click("#settings-open")
                    .click("#device-open");
            other.go(path(annas)).awaitText("#join-submit", "Continue as Anna");
            assertThat(other.run("return document.querySelector('#join-name').checkVisibility()"))
                    .as("nobody asks for a name")
                    .isEqualTo(JsonValue.FALSE);
            other.click("#join-submit").awaitText("#connection", "Live").awaitText("#members", "Björn");
            assertThat(other.string("document.querySelectorAll('#members .member').length"))
                    .isEqualTo("2");
            annas.click("#invite-close").click("#settings-close").click("#family-open");
            annas.awaitText(".device", "Chrome · Linux").click("[aria-label='Rename: Chrome · Linux']");
            annas.run("document.querySelector('.device input').value = ''");
            annas.type(".device input", "Laptop").click(".device form button").awaitText(".device", "Laptop");

            annas.click("[aria-label='New way in: Björn']");
            other.go(path(annas)).awaitText("#join-submit", "Continue as Björn").click("#join-submit");
            other.awaitText("#connection", "Live")
                    .await("document.querySelector('.member')?.innerText.includes('Björn')");
            assertThat(server.get("/api/devices", bjorn).json().getJsonArray("devices"))
                    .hasSize(2);
            annas.click("#invite-close").click("#family-log summary");
            annas.awaitText("#family-log-entries", "Anna made a way in for a device of Björn");
        }
    }

    @Test
    void namesFacesRolesAndTermsAreSetInThePage() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Browser annas = Browser.open(server)) {
            annas.goAs(anna).awaitText("#members", "Björn");
            String annasColour = annas.string("document.querySelector('.member .face').className");
            annas.click("#family-open").click("[aria-label='Change: Björn']").awaitShown("#member-name");
            annas.run("document.querySelector('#member-name').value = ''");
            annas.type("#member-name", "Bjössi").type("#member-emoji", "*").click("#member-admin");
            annas.click("#member-colours input[value='7']").click("#member-save");
            annas.await("!document.querySelector('#member-dialog').open").awaitText("#family-members", "Bjössi");
            JsonObject changed =
                    server.get("/api/users", bjorn).json().getJsonArray("users").getJsonObject(1);
            assertThat(changed.getString("name")).isEqualTo("Bjössi");
            assertThat(changed.getString("role")).isEqualTo("admin");
            assertThat(changed.getInt("colour")).isEqualTo(7);
            annas.awaitText("#members", "Bjössi").await("document.querySelector('#members .member-colour-7')");

            annas.run("document.querySelector('#family-name').value = 'Björnsdóttir';"
                    + " document.querySelector('#family-history').value = '7d'");
            annas.click("#family-save").awaitText("#family-saved", "Saved");
            JsonObject family = server.get("/api/family", anna).json();
            assertThat(family.getString("name")).isEqualTo("Björnsdóttir");
            assertThat(family.getString("history")).isEqualTo("7d");

            server.join(anna, "Aaron");
            annas.go("/").awaitText("#members", "Aaron");
            assertThat(annas.string("document.querySelector('.member .face').className"))
                    .as("a colour stays with its member")
                    .isEqualTo(annasColour);
        }
    }

    @Test
    void theLastAdminIsWarnedBeforeLeaving() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Browser annas = Browser.open(server)) {
            annas.goAs(anna)
                    .awaitText("#members", "Björn")
                    .click("#settings-open")
                    .click("#leave-open");
            annas.awaitText("#confirm-text", "You are the only admin").click("#confirm-cancel");
            server.patch("/api/users/" + bjorn.id(), anna, "{\"role\":\"admin\"}");
            annas.go("/").awaitText("#members", "Björn").click("#settings-open").click("#leave-open");
            annas.awaitText("#confirm-text", "It is your only device");
            assertThat(annas.text("#confirm-text")).doesNotContain("only admin");
        }
    }

    @Test
    void filesComeInAndEverythingIsTakenAlongAndDeleted(@TempDir Path folder) throws IOException {
        Person anna = server.startFamily("Anna");
        server.post(
                "/api/locations",
                anna,
                Phone.update(LATITUDE, LONGITUDE).build().toString());
        Path track = Path.of("src/test/resources/formats/track-1.1.gpx").toAbsolutePath();
        try (Browser annas = Browser.open(server)) {
            annas.savesTo(folder).goAs(anna).awaitText("#connection", "Live");
            annas.click("#settings-open").click("#data-open").type("#data-files", track.toString());
            annas.awaitText(".import[data-status='done']", "track-1.1.gpx").awaitText(".import", "positions found");
            annas.awaitText("#data-webhook-hint", "Its webhook may lie at");
            annas.click("#data-export");
            Path zip = folder.resolve("draugar Anna.zip");
            Server.await("the file is there", Duration.ofSeconds(20), () -> Files.exists(zip));
            annas.click("#data-delete").click("#confirm-do").await("!document.querySelector('#confirm-dialog').open");
            assertThat(server.get("/api/users/" + anna.id() + "/locations", anna)
                            .json()
                            .getJsonArray("locations"))
                    .isEmpty();
            annas.click("#data-remove")
                    .awaitText("#confirm-text", "You are the last one")
                    .click("#confirm-do");
            annas.awaitShown("#join-submit");
            assertThat(server.get("/api/auth/me", anna).status()).isEqualTo(401);
        }
    }

    @Test
    void goingBackTakesAwayWhatLiesOverTheFamily() {
        Person anna = server.startFamily("Anna");
        server.post(
                "/api/locations",
                anna,
                Phone.update(LATITUDE, LONGITUDE).build().toString());
        try (Browser annas = Browser.open(server)) {
            annas.goAs(anna).awaitText("#members", "Live").click(".member");
            assertThat(annas.string("document.querySelector('.member-actions [value]').value"))
                    .isEqualTo("64.14660,-21.94260");
            annas.click(".member-actions [value]").awaitText(".member-actions", "Copied");
            annas.click(".member-more .button");
            annas.awaitShown("#history").click("#history-back").await("document.querySelector('#history').hidden");
            annas.click("#settings-open").click("#data-open").awaitShown("#data-dialog");
            annas.run("history.back()");
            annas.await("!document.querySelector('#data-dialog').open").awaitShown("#settings-dialog");
            annas.run("history.back()");
            annas.await("!document.querySelector('#settings-dialog').open");
            assertThat(annas.string("document.querySelector('.member').ariaPressed"))
                    .isEqualTo("true");
            annas.run("history.back()");
            annas.await("document.querySelector('.member').ariaPressed === 'false'")
                    .awaitShown("#members");
            // Whoever presses beside a dialog has done with it.
            annas.click("#settings-open").awaitShown("#settings-dialog");
            for (String type : new String[] {"mousePressed", "mouseReleased"}) {
                annas.devTools(
                        "Input.dispatchMouseEvent",
                        Json.createObjectBuilder()
                                .add("type", type)
                                .add("x", 5)
                                .add("y", 300)
                                .add("button", "left")
                                .add("clickCount", 1));
            }
            annas.await("!document.querySelector('#settings-dialog').open");
        }
    }

    @Test
    void anotherLanguageGoesOnSharing() {
        Person anna = server.startFamily("Anna");
        try (Browser annas = Browser.open(server)) {
            annas.isAt(LATITUDE, LONGITUDE, 10).goAs(anna).click("#sharing-switch");
            annas.awaitText("#sharing-status", "Last shared")
                    .click("#settings-open")
                    .awaitShown("#settings-language");
            annas.run("const choice = document.querySelector('#settings-language'); choice.value = 'is';"
                    + " choice.dispatchEvent(new Event('change'))");
            annas.awaitText("#sharing-status", "Síðast deilt").awaitText("#members", "fyrir");
            assertThat(annas.string("document.querySelector('#sharing-switch').ariaChecked"))
                    .isEqualTo("true");
        }
    }

    @Test
    void aServerThatSaysNothingDoesNotKeepThePageFromOpening() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        server.post(
                "/api/locations",
                bjorn,
                Phone.update(LATITUDE, LONGITUDE).build().toString());
        try (CuttingProxy network = new CuttingProxy(server.port());
                Browser annas = Browser.open(server.through(network.port()))) {
            annas.goAs(anna).awaitText("#connection", "Live");
            annas.await("navigator.serviceWorker.controller !== null");
            Server.await("the page is kept", Duration.ofSeconds(20), () -> annas.run(
                            "return caches.open('draugar').then((cache) => cache.keys())"
                                    + ".then((kept) => kept.some(({ url }) => url.endsWith('/lib/ol.js')))")
                    .equals(JsonValue.TRUE));
            network.freeze();
            annas.go("/").awaitShown("#map canvas").awaitText("#connection", "onnect");
            assertThat(annas.text("#members")).as("nothing is kept unasked").doesNotContain("Björn");

            network.mend();
            annas.go("/").awaitText("#members", "Björn").click("#settings-open").click("#settings-keep");
            network.freeze();
            annas.go("/")
                    .awaitText("#members", "Björn")
                    .await("document.querySelector('#map').ariaLabel.includes('Björn')");
            annas.awaitText("#connection", "Not connected").awaitText("#family-count", "as last known");

            network.mend();
            annas.awaitText("#connection", "Live").click("#settings-open").click("#settings-keep");
            assertThat(annas.run("return localStorage.getItem('draugar.picture')"))
                    .isEqualTo(JsonValue.NULL);
        }
    }

    private static String path(Browser browser) {
        browser.awaitShown("#invite-qr path");
        String link = browser.string("document.querySelector('#invite-link').value");
        return link.substring(link.indexOf("/#/join/"));
    }
}
