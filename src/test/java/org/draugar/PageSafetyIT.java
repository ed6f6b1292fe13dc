package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.draugar.support.Browser;
import org.draugar.support.Extent;
import org.draugar.support.Node;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the page must never do, and for whom it must work. */
@Execution(ExecutionMode.CONCURRENT)
@SharedServer
class PageSafetyIT {

    /** At most 64 characters each with what is put before it; each sets {@code hacked} where it runs. */
    private static final List<String> HOSTILE = List.of(
            "<script>hacked=1</script>",
            "<img src=x onerror=hacked=1>",
            "<svg onload=hacked=1>",
            "<svg><script>hacked=1</script></svg>",
            "<iframe srcdoc='<script>top.hacked=1</script>'>",
            "<a href=javascript:hacked=1>x</a>",
            "javascript:hacked=1",
            "<body onload=hacked=1>",
            "<input autofocus onfocus=hacked=1>",
            "<details open ontoggle=hacked=1>",
            "<video src=x onerror=hacked=1>",
            "<style>@import'javascript:hacked=1'</style>",
            "<base href=//evil.example>",
            "<meta http-equiv=refresh content=0;//evil.example>",
            "<link rel=stylesheet href=//evil.example>",
            "<math><mtext></form><form><mglyph><style></math>",
            "<img src=//evil.example/x.png>",
            "{{constructor.constructor('hacked=1')()}}",
            "${hacked=1}",
            "{name}{count}{hacked=1}",
            "__proto__",
            "constructor",
            "%3Cscript%3Ehacked=1%3C/script%3E",
            "&lt;script&gt;hacked=1&lt;/script&gt;",
            "\u200d<script>hacked=1</script>");

    private static final List<String> BEFORE = List.of(
            "",
            "\">",
            "'>",
            "-->",
            "</span>",
            "</title>",
            "</script>",
            "]]>",
            "*/",
            "`;",
            "');",
            "\\\">",
            "\">'>",
            "a ",
            "</bdi>",
            "</option>",
            "</select>",
            "\" ",
            "' ",
            "</svg>");

    private final Server server;

    PageSafetyIT(Server server) {
        this.server = server;
    }

    @Test
    void hostileNamesStayNames() {
        Person anna = server.startFamily("Anna");
        List<String> all = new ArrayList<>();
        for (String hostile : HOSTILE) {
            for (String before : BEFORE) {
                all.add(before + hostile);
            }
        }
        assertThat(all).hasSize(500);
        Collections.shuffle(all, Extent.random("PageSafetyIT"));
        List<String> names = all.subList(0, Extent.of("PageSafetyIT: hostile names", 100, all.size()));
        int place = 0;
        for (String name : names) {
            Person eve = server.join(anna, name);
            server.post(
                    "/api/locations",
                    eve,
                    Phone.update(64 + place++ * 1e-3, -21)
                            .add("activity", name.substring(0, Math.min(32, name.length())))
                            .build()
                            .toString());
        }
        // A name is 64 characters at most, and so is a tracker's; one has 20 trackers.
        List<String> trackers = HOSTILE.subList(0, 20);
        for (String name : trackers) {
            server.post(
                    "/api/trackers",
                    anna,
                    Json.createObjectBuilder()
                            .add("app", "owntracks")
                            .add("name", name)
                            .build()
                            .toString());
        }
        try (Browser annas = Browser.open(server)) {
            annas.goAs(anna).await("document.querySelectorAll('#members .member').length === " + (1 + names.size()));
            String shown = annas.string(
                    "[...document.querySelectorAll('.member-name')].map((e) => e.textContent)" + ".join('\\n')");
            assertThat(shown.split("\n"))
                    .contains(names.stream().map(String::strip).toArray(String[]::new));
            annas.click("#family-open")
                    .await("document.querySelectorAll('#family-members .person').length === " + (1 + names.size()));
            assertThat(annas.string("[...document.querySelectorAll('.tracker .tracker-name')].map((e) => e.textContent)"
                                    + ".join('\\n')")
                            .split("\n"))
                    .containsExactlyInAnyOrderElementsOf(trackers);
            annas.run("document.querySelectorAll('.tracker button')[0].click()");
            annas.awaitShown("#tracker-silent").click("#tracker-cancel");
            annas.run("document.querySelectorAll('.person-actions button:last-child')[0].click()");
            annas.awaitShown("#confirm-title").click("#confirm-cancel").click("#family-close");
            annas.run("document.querySelectorAll('.member')[7].click()");
            annas.click(".member-more:not([hidden]) .button").awaitShown("#history-who");
            assertThat(annas.run("return typeof window.hacked === 'undefined'")).isEqualTo(JsonValue.TRUE);
            assertThat(annas.string("document.querySelectorAll('script, iframe, base, video, body img:not([alt=\"\"])')"
                            + ".length"))
                    .as("only the page's own script")
                    .isEqualTo("1");
            assertThat(annas.requested())
                    .allSatisfy(address -> assertThat(address).doesNotContain("evil"));
        }
    }

    @Test
    void itAsksNobodyButItsServer() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        server.post(
                "/api/locations", bjorn, Phone.update(64.1466, -21.9426).build().toString());
        try (Browser annas = Browser.open(server)) {
            annas.isAt(64.15, -21.9, 10)
                    .goAs(anna)
                    .awaitText("#connection", "Live")
                    .awaitText("#members", "Live");
            annas.click("#sharing-switch").awaitText("#sharing-status", "Last shared");
            annas.click("#map-farther")
                    .click("#invite-open")
                    .awaitShown("#invite-qr path")
                    .click("#invite-close");
            annas.click("#family-open").awaitShown(".device").click("#family-tracker");
            annas.click("#tracker-save").awaitShown("#tracker-qr path").click("#tracker-done");
            annas.click("#family-close");
            annas.click(".member").click(".member-more .button").awaitShown("#history-replay");
            List<String> requested = annas.requested();
            assertThat(requested).anySatisfy(address -> assertThat(address).endsWith("/ws"));
            assertThat(requested).as("a token is in no address").noneSatisfy(address -> assertThat(address)
                    .contains(anna.token()));
            String here = server.host() + ":" + server.port() + "/";
            assertThat(requested)
                    .filteredOn(address -> address.matches("(https?|wss?):.*"))
                    .allSatisfy(address -> assertThat(address).matches("(http|ws)://" + here + ".*"));
        }
    }

    @Test
    void theHeadersAreStrict() throws Exception {
        var headers = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.discarding())
                .headers();
        assertThat(headers.firstValue("Content-Security-Policy").orElse(""))
                .startsWith("default-src 'none'")
                .contains("require-trusted-types-for 'script'")
                .doesNotContain("unsafe")
                .doesNotContain("*");
        assertThat(headers.firstValue("Referrer-Policy")).contains("no-referrer");
        assertThat(headers.firstValue("Permissions-Policy").orElse("")).contains("geolocation=(self)", "camera=()");
    }

    @Test
    void aTileThatIsNotThereIsAnAnswerThatNobodyKeeps() throws Exception {
        HttpResponse<String> world = tile("/map/0/0/0.mvt");
        assertThat(world.statusCode()).isEqualTo(200);
        assertThat(world.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(world.headers().firstValue("Cache-Control").orElse("")).contains("max-age");
        HttpResponse<String> none = tile("/map/9/9/9.mvt");
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(none.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(none.headers().firstValue("Cache-Control")).contains("no-cache");
    }

    @Test
    void nobodyKeepsWhatIsSomebodysOwn() throws Exception {
        for (String path : List.of(
                "/api/users",
                "/api/events",
                "/api/nothing",
                "/socket.io/?EIO=4&transport=polling",
                "/owntracks",
                "/osmand?id=1",
                "/overland",
                "/gpslogger",
                "/gpslogger/owntracks",
                "/error")) {
            assertThat(tile(path).headers().allValues("Cache-Control")).as(path).containsExactly("no-store");
        }
        assertThat(tile("/api/users").headers().firstValue("Clear-Site-Data"))
                .as("a browser that was signed out forgets which parts of a map it has seen")
                .hasValue("\"cache\"");
        assertThat(tile("/").headers().allValues("Cache-Control")).containsExactly("no-cache");
        assertThat(tile("/app/main.js").headers().allValues("Cache-Control")).containsExactly("no-cache");
    }

    private HttpResponse<String> tile(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(server.uri(path)).build(), BodyHandlers.ofString());
    }

    @Test
    void everybodyCanUseIt() throws Exception {
        Node node = Node.install("page");
        String axe = Files.readString(node.folder().resolve("node_modules/axe-core/axe.min.js"));
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        server.post(
                "/api/locations", bjorn, Phone.update(64.1466, -21.9426).build().toString());
        try (Browser annas = Browser.open(server)) {
            for (boolean dark : new boolean[] {false, true}) {
                annas.dark(dark)
                        .resize(1280, 800)
                        .go("/#/join/" + server.invite(anna))
                        .awaitShown("#join-name");
                assertThat(troubles(annas, axe)).as("joining").isEmpty();
                annas.resize(390, 844).isAt(64.15, -21.9, 10).goAs(anna).awaitText("#members", "Live");
                annas.click("#sharing-switch")
                        .awaitText("#sharing-status", "Last shared")
                        .click(".member");
                assertThat(troubles(annas, axe)).as("the family").isEmpty();
                annas.click("#family-open").awaitShown(".device");
                assertThat(troubles(annas, axe)).as("members and devices").isEmpty();
                annas.click("#family-tracker").awaitShown("#tracker-name");
                assertThat(troubles(annas, axe)).as("adding a tracker").isEmpty();
                annas.click("#tracker-save").awaitShown("#tracker-qr path").click("#tracker-by-hand summary");
                assertThat(troubles(annas, axe)).as("setting a tracker up").isEmpty();
                annas.click("#tracker-done").awaitText(".device", "no position yet");
                assertThat(troubles(annas, axe)).as("trackers").isEmpty();
                annas.click("#family-invite").awaitShown("#invite-qr path");
                assertThat(troubles(annas, axe)).as("inviting").isEmpty();
                annas.click("#invite-close").click("#settings-open");
                assertThat(troubles(annas, axe)).as("settings").isEmpty();
                annas.click("#settings-close").click("#pause-open");
                assertThat(troubles(annas, axe)).as("pausing").isEmpty();
                annas.click("#pause-cancel")
                        .click(".member-more:not([hidden]) .button")
                        .awaitShown("#history-replay");
                assertThat(troubles(annas, axe)).as("a day").isEmpty();
            }
        }
    }

    /** What axe-core finds wrong for WCAG 2.2 AA, with the element. */
    private static List<String> troubles(Browser browser, String axe) {
        browser.run(axe);
        JsonValue found =
                browser.run("return axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })"
                        + ".then(({ violations }) => violations.flatMap(({ id, impact, nodes }) =>"
                        + " nodes.map(({ target }) => `${impact} ${id}: ${target}`)))");
        return found.asJsonArray().getValuesAs(JsonString::getString);
    }

    @Test
    void itWorksByKeyboardAlone() {
        Person anna = server.startFamily("Anna");
        try (Browser annas = Browser.open(server)) {
            annas.goAs(anna).awaitText("#connection", "Live").awaitShown("#invite-open");
            List<String> reached = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                annas.key("Tab");
                reached.add(annas.string("document.activeElement.id || document.activeElement.className"));
            }
            assertThat(reached)
                    .contains("invite-open", "settings-open", "map", "map-closer", "sharing-switch", "family-open")
                    .contains("member");
            annas.run("document.querySelector('#family-open').focus()");
            annas.key("Enter").awaitShown("#family-dialog").key("Escape");
            annas.await("!document.querySelector('#family-dialog').open");
            assertThat(annas.string("document.activeElement.id")).isEqualTo("family-open");
        }
    }
}
