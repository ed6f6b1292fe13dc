package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonValue;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.draugar.support.Browser;
import org.draugar.support.CuttingProxy;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the page costs whoever pays for each kilobyte. */
@Execution(ExecutionMode.CONCURRENT)
@SharedServer
class PageWeightIT {
    private static final Pattern MAIN = Pattern.compile("src=\"(page/\\w+)/app/main.js\"");
    /** As browsers count: the bodies as they came, and 300 bytes of headers for each. */
    private static final String LOADED = "[...performance.getEntriesByType('resource'),"
            + " ...performance.getEntriesByType('navigation')].reduce((sum, { transferSize }) => sum + transferSize, 0)";

    private static final String ALL_KEPT = "return caches.open('draugar').then((cache) => cache.keys())"
            + ".then((kept) => { const urls = new Set(kept.map(({ url }) => url));"
            + " return performance.getEntriesByType('resource').map(({ name }) => name)"
            + ".filter((name) => name.includes('/page/')).every((name) => urls.has(name)); })";

    private final Server server;

    PageWeightIT(Server server) {
        this.server = server;
    }

    @Test
    void theFirstVisitIsSmallAndTheSecondNextToNothing() {
        Person anna = server.startFamily("Anna");
        server.post("/api/locations", anna, Phone.update(64, -21).build().toString());
        try (CuttingProxy network = new CuttingProxy(server.port());
                Browser annas = Browser.open(server.through(network.port()))) {
            annas.goAs(anna).awaitText("#members", "Live").awaitShown("#map canvas");
            assertThat(Double.parseDouble(annas.string(LOADED))).isBetween(100_000.0, 350_000.0);
            Server.await("all of it is kept", Duration.ofSeconds(60), () -> annas.run(ALL_KEPT)
                    .equals(JsonValue.TRUE));
            long first = network.carried();
            annas.go("/").awaitText("#members", "Live").awaitShown("#map canvas");
            assertThat(network.carried() - first)
                    .as("bytes, with all headers, what was asked and the API")
                    .isLessThan(20_000);
        }
    }

    @Test
    void whatHasAVersionIsKeptAndWhatNamesItIsAskedFor() throws Exception {
        HttpResponse<String> page = get("/");
        assertThat(page.headers().allValues("Cache-Control")).containsExactly("no-cache");
        assertThat(page.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
        assertThat(page.body()).doesNotContain("{version}", "{modules}");
        assertThat(get("/index.html").body()).isEqualTo(page.body());
        String tag = page.headers().firstValue("ETag").orElseThrow();
        assertThat(get("/", "If-None-Match", tag).statusCode()).isEqualTo(304);

        Matcher main = MAIN.matcher(page.body());
        assertThat(main.find()).isTrue();
        HttpResponse<String> script = get("/" + main.group(1) + "/app/main.js");
        assertThat(script.body()).contains("import './trusted-types.js'").doesNotContain("/**");
        assertThat(script.headers().firstValue("Content-Type").orElse("")).startsWith("text/javascript");
        assertThat(script.headers().allValues("Cache-Control")).containsExactly("public, max-age=31536000, immutable");
        assertThat(get("/" + main.group(1) + "/app/main.js", "Accept-Encoding", "br, gzip;q=0.5")
                        .headers()
                        .firstValue("Content-Encoding"))
                .contains("gzip");

        HttpResponse<String> another = get("/page/0123456789abcdef/app/main.js");
        assertThat(another.body()).isEqualTo(script.body());
        assertThat(another.headers().allValues("Cache-Control")).containsExactly("no-cache");
        for (String none : new String[] {"/app/none.js", "/index.html", "/../WEB-INF/web.xml", "/"}) {
            assertThat(get("/" + main.group(1) + none).statusCode()).as(none).isIn(400, 404);
        }
        assertThat(get("/page").statusCode()).isEqualTo(404);
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.uri(path));
        return HttpClient.newHttpClient()
                .send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofString());
    }
}
