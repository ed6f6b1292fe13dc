package org.draugar;

import jakarta.json.Json;
import jakarta.json.JsonNumber;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.draugar.support.Browser;
import org.draugar.support.Crowd;
import org.draugar.support.Crowd.Peer;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No test but measurements of the page, for {@code docs/figures.md}: {@code mvn verify -Dit.test=PageFigures
 * -Dit.compiler=}. A marker counts as drawn when the picture with its initials is, on the canvas over the map.
 */
class PageFigures {
    private static final int MOVES = Integer.getInteger("draugar.figures.moves", 200);
    private static final int LOADS = 5;
    private static final int FAMILY = 50;

    /** Notes when the page sends a position, and when and where initials are drawn; all in milliseconds since 1970. */
    private static final String WATCH = "window.sent = 0; window.first = 0; window.faces = {}; window.frames = [];"
            + "const now = () => performance.timeOrigin + performance.now();"
            + "const send = WebSocket.prototype.send;"
            + "WebSocket.prototype.send = function (text) {"
            + "  if (String(text).includes('location:update')) window.sent = now();"
            + "  return send.call(this, text); };"
            + "const fillText = CanvasRenderingContext2D.prototype.fillText;"
            + "CanvasRenderingContext2D.prototype.fillText = function (text) {"
            + "  this.canvas.text = text;"
            + "  return fillText.apply(this, arguments); };"
            + "const drawImage = CanvasRenderingContext2D.prototype.drawImage;"
            + "CanvasRenderingContext2D.prototype.drawImage = function (image, x, y) {"
            + "  if (this.canvas.className === 'members-canvas') {"
            + "    window.first ||= now();"
            + "    const face = window.faces[image.text] ??= { x, y, moved: 0 };"
            + "    if (face.x !== x || face.y !== y) {"
            // A marker that rested moves off: that is the moment.
            + "      if (now() - face.moved > 250) face.left = now();"
            + "      face.moved = now(); face.x = x; face.y = y; } }"
            + "  return drawImage.apply(this, arguments); };"
            + "const tick = () => { window.frames.push(performance.now()); requestAnimationFrame(tick); };"
            + "requestAnimationFrame(tick);";

    @TempDir
    Path folder;

    private ServerProcess process;
    private Server server;

    @BeforeEach
    void start() {
        process = ServerProcess.start(
                folder.resolve("server"),
                Map.of("DRAUGAR_DATA", folder.resolve("data").toString(), "DRAUGAR_SIGNUP", "open"));
        server = process.awaitReady();
    }

    @AfterEach
    void stop() {
        process.close();
    }

    @Test
    void fromSentInOneBrowserToMovedInAnother() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Browser annas = watched(Browser.open(server));
                Browser bjorns = watched(Browser.open(server))) {
            double latitude = 64.1466;
            annas.isAt(latitude, -21.9426, 10).goAs(anna).click("#sharing-switch");
            annas.awaitText("#sharing-status", "Last shared");
            bjorns.goAs(bjorn).await("window.faces.A");
            List<Double> millis = new ArrayList<>();
            for (int move = 0; move <= MOVES; move++) {
                double before = number(annas, "window.sent");
                double left = number(bjorns, "window.faces.A.left ?? 0");
                bjorns.await("performance.timeOrigin + performance.now() - window.faces.A.moved > 300");
                latitude += 0.0005;
                annas.isAt(latitude, -21.9426, 10).await("window.sent > " + before);
                bjorns.await("window.faces.A.left > " + left);
                if (move > 0) { // The first one warms up.
                    millis.add(number(bjorns, "window.faces.A.left") - number(annas, "window.sent"));
                }
            }
            double[] sorted =
                    millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            System.out.printf(
                    "PageFigures: sent in one browser to moved in the other, %d moves: p50 %.0f ms, p99 %.0f ms%n",
                    MOVES, sorted[sorted.length / 2], sorted[sorted.length * 99 / 100]);
        }
    }

    @Test
    void firstMarkerOnAPhone() {
        Person anna = server.startFamily("Anna");
        server.post(
                "/api/locations", anna, "[" + Phone.update(64.1466, -21.9426).build() + "]");
        List<Double> millis = new ArrayList<>();
        double bytes = 0;
        for (int load = 0; load < LOADS; load++) {
            try (Browser annas = watched(Browser.open(server))) {
                annas.resize(390, 844)
                        .devTools(
                                "Network.emulateNetworkConditions",
                                Json.createObjectBuilder()
                                        .add("offline", false)
                                        .add("latency", 150)
                                        .add("downloadThroughput", 1_600_000 / 8)
                                        .add("uploadThroughput", 750_000 / 8))
                        .devTools(
                                "Emulation.setCPUThrottlingRate",
                                Json.createObjectBuilder().add("rate", 4));
                annas.goAs(anna).await("window.first");
                millis.add(number(annas, "window.first - performance.timeOrigin"));
                bytes = number(
                        annas,
                        "performance.getEntriesByType('resource').reduce((sum, e) => sum + e.transferSize,"
                                + " performance.getEntriesByType('navigation')[0].transferSize)");
            }
        }
        double[] sorted =
                millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        System.out.printf(
                "PageFigures: an empty phone of a quarter of this processor at 1.6 Mbit/s and 150 ms, %d loads:"
                        + " first marker after %.1f s (%.1f to %.1f), %.0f KB%n",
                LOADS, sorted[LOADS / 2] / 1000, sorted[0] / 1000, sorted[LOADS - 1] / 1000, bytes / 1000);
    }

    @Test
    void framesWithFiftyMembers() throws InterruptedException {
        Person admin = server.startFamily("Anna");
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try (Crowd crowd = new Crowd(server);
                Browser annas = watched(Browser.open(server))) {
            List<Peer> peers = new ArrayList<>();
            for (int i = 1; i < FAMILY; i++) {
                peers.add(crowd.connect(server.join(admin, "Member " + i), message -> {}));
            }
            long begun = System.nanoTime();
            clock.scheduleAtFixedRate(
                    () -> {
                        double turn = (System.nanoTime() - begun) / 1e9 / 30;
                        for (int i = 0; i < peers.size(); i++) {
                            double angle = turn + i * 2 * Math.PI / peers.size();
                            peers.get(i)
                                    .send(Phone.update(
                                                    64.1466 + 0.01 * (1 + i % 7) * Math.cos(angle),
                                                    -21.9426 + 0.02 * (1 + i % 7) * Math.sin(angle))
                                            .build()
                                            .toString());
                        }
                    },
                    0,
                    1,
                    TimeUnit.SECONDS);
            for (boolean phone : new boolean[] {false, true}) {
                if (phone) {
                    annas.resize(390, 844);
                }
                annas.goAs(admin).await("Object.keys(window.faces).length > 0 && window.frames.length > 300");
                annas.run("window.frames.length = 0");
                annas.await("window.frames.length > 0 && window.frames.at(-1) - window.frames[0] > 10000");
                double[] gaps = ((jakarta.json.JsonArray)
                                annas.run("return window.frames.slice(1).map((at, i) => at - window.frames[i])"))
                        .getValuesAs(JsonNumber.class).stream()
                                .mapToDouble(JsonNumber::doubleValue)
                                .sorted()
                                .toArray();
                System.out.printf(
                        "PageFigures: %s, %d members that move each second: %.0f frames a second, 99 of 100 within %.0f"
                                + " ms%n",
                        phone ? "phone" : "laptop",
                        FAMILY,
                        1000 * gaps.length / Arrays.stream(gaps).sum(),
                        gaps[gaps.length * 99 / 100]);
            }
        } finally {
            clock.shutdownNow();
            Server.await("nothing is sent any more", Duration.ofSeconds(10), clock::isShutdown);
        }
    }

    private static Browser watched(Browser browser) {
        return browser.devTools(
                "Page.addScriptToEvaluateOnNewDocument",
                Json.createObjectBuilder().add("source", WATCH));
    }

    private static double number(Browser browser, String expression) {
        return Double.parseDouble(browser.string(expression));
    }
}
