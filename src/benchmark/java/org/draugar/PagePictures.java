package org.draugar;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.draugar.support.Browser;
import org.draugar.support.CuttingProxy;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No test but pictures to look at, of every state of the page, on a laptop and on a phone, in the light and in the dark:
 * {@code mvn verify -Dit.test=PagePictures} makes them in {@code target/pictures}.
 */
class PagePictures {
    private static final Path PICTURES = Path.of("target", "pictures");
    private static final double LATITUDE = 64.1466;
    private static final double LONGITUDE = -21.9426;

    @TempDir
    Path folder;

    private ServerProcess process;
    private Server server;
    private Person anna;

    @BeforeEach
    void start() {
        process = ServerProcess.start(
                folder.resolve("server"),
                Map.of(
                        "DRAUGAR_DATA",
                        folder.resolve("data").toString(),
                        "DRAUGAR_SIGNUP",
                        "open",
                        "DRAUGAR_MAP",
                        "raster http://127.0.0.1:9/{z}/{x}/{y}.png",
                        "DRAUGAR_MAP_ATTRIBUTION",
                        "Nobody"));
        server = process.awaitReady();
        anna = server.startFamily("Anna");
    }

    @AfterEach
    void stop() {
        process.close();
    }

    @Test
    void ofTheFamily() {
        Person bjorn = server.join(anna, "Björn");
        picture("empty", browser -> browser.goAs(anna).awaitShown("#map-empty-title"));
        List<Person> members = new ArrayList<>(List.of(anna, bjorn));
        for (String name : List.of("Chinedu", "Dagný", "Elif")) {
            members.add(server.join(anna, name));
        }
        for (int i = 0; i < members.size(); i++) {
            JsonArrayBuilder way = Json.createArrayBuilder();
            for (int minute = 59; minute >= 0; minute--) {
                double angle = i * 1.3 + minute / 40.0;
                way.add(Phone.update(
                                LATITUDE + 0.01 * Math.sin(angle) + i * 0.004,
                                LONGITUDE + 0.03 * Math.cos(angle) + i * 0.01)
                        .add(
                                "timestamp",
                                Instant.now().minusSeconds(minute * 60L).toString())
                        .add("battery", 0.2 * (i + 1) - 0.1));
            }
            server.post("/api/locations", members.get(i), way.build().toString());
        }
        picture("five-members", browser -> browser.goAs(anna).awaitText("#members", "10%"));
        picture("day", browser -> browser.goAs(bjorn)
                .click(".member")
                .click(".member-more .button")
                .awaitText("#history-status", "km"));
    }

    @Test
    void ofErrors() {
        Person bjorn = server.join(anna, "Björn");
        picture("invalid-invitation", browser -> browser.go("/#/join/NOTVALID22")
                .type("#join-name", "Dora")
                .click("#join-submit")
                .awaitText("#join-problem", "not valid"));
        picture("name-missing", browser -> browser.go("/#/join/NOTVALID22")
                .click("#join-submit")
                .awaitText("#join-problem", "Enter the name"));
        picture("position-denied", browser -> {
            browser.devTools("Browser.resetPermissions", Json.createObjectBuilder());
            browser.devTools(
                    "Browser.setPermission",
                    Json.createObjectBuilder()
                            .add("permission", Json.createObjectBuilder().add("name", "geolocation"))
                            .add("setting", "denied"));
            browser.goAs(anna).click("#sharing-switch").awaitText("#sharing-status", "not allowed");
        });
        picture("streets-away", browser -> browser.goAs(anna)
                .awaitText("#connection", "Live")
                .await("document.querySelector('#map canvas')"));
        try (CuttingProxy network = new CuttingProxy(server.port())) {
            Server through = server.through(network.port());
            pictureAt(
                    through,
                    "not-connected",
                    browser -> {
                        browser.isAt(LATITUDE, LONGITUDE, 10).goAs(anna).awaitText("#connection", "Live");
                        network.cut();
                        browser.awaitText("#connection", "Not connected").click("#sharing-switch");
                        browser.awaitText("#sharing-status", "not connected");
                        browser.run("document.activeElement.blur()");
                    },
                    network::mend);
        }
        picture("removed", browser -> {
            Person member = server.join(anna, "Member");
            browser.goAs(member).awaitText("#connection", "Live");
            server.delete("/api/users/" + member.id(), anna);
            browser.awaitText("#join-notice", "no longer a member");
        });
        pictureAt(
                server,
                "paused",
                browser -> browser.goAs(bjorn)
                        .click("#pause-open")
                        .click("#pause-4")
                        .awaitText("#sharing-status", "Paused until"),
                () -> server.delete("/api/pause", bjorn));
    }

    private void picture(String name, Consumer<Browser> scene) {
        pictureAt(server, name, scene, () -> {});
    }

    private static void pictureAt(Server server, String name, Consumer<Browser> scene, Runnable after) {
        for (String device : List.of("laptop-light", "phone-dark")) {
            boolean phone = device.startsWith("phone");
            try (Browser browser = Browser.open(server)) {
                browser.resize(phone ? 390 : 1280, phone ? 844 : 800).dark(phone);
                scene.accept(browser);
                browser.screenshot(PICTURES.resolve(name + "-" + device + ".png"));
            }
            after.run();
        }
    }
}
