package org.draugar.support;

import static org.junit.jupiter.api.Assumptions.abort;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A member's browser: a headless Chromium with an empty profile, spoken to in W3C WebDriver and, for what that lacks, in
 * Chromium's own DevTools protocol. Tests that need one are skipped where there is none.
 */
public final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LOOK_MILLIS = 2000;
    private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");
    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static int driverPort;

    /** Browsers that nobody uses, by the language of their reader: to start one takes longer than most tests. */
    private static final Map<String, Deque<String>> IDLE = new ConcurrentHashMap<>();

    private final Server server;
    private final String language;
    private final String session;
    private final Set<String> origins = new HashSet<>();

    private Browser(Server server, String language, String session) {
        this.server = server;
        this.language = language;
        this.session = session;
    }

    /** A browser of its own, which has not been anywhere yet. */
    public static Browser open(Server server) {
        return open(server, "en");
    }

    /** A browser of somebody who reads this language first. */
    public static Browser open(Server server, String language) {
        String idle = idle(language).poll();
        Browser browser = new Browser(server, language, idle == null ? start(language) : idle);
        browser.devTools(
                "Browser.grantPermissions",
                Json.createObjectBuilder()
                        .add("origin", server.uri("/").toString())
                        .add("permissions", Json.createArrayBuilder().add("geolocation")));
        return browser;
    }

    private static Deque<String> idle(String language) {
        return IDLE.computeIfAbsent(language, l -> new ConcurrentLinkedDeque<>());
    }

    private static String start(String language) {
        if (!Files.isExecutable(CHROMIUM) || !Files.isExecutable(DRIVER)) {
            abort("Skipped: the page is tested in Chromium, and /usr/bin/chromium or /usr/bin/chromedriver is missing");
        }
        JsonArrayBuilder arguments = Json.createArrayBuilder();
        for (String argument : List.of(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--window-size=1280,800",
                "--accept-lang=" + language)) {
            arguments.add(argument);
        }
        JsonObject options = Json.createObjectBuilder()
                .add("binary", CHROMIUM.toString())
                .add("args", arguments)
                .add("prefs", Json.createObjectBuilder().add("intl.accept_languages", language))
                .build();
        JsonObject capabilities = Json.createObjectBuilder()
                .add("browserName", "chrome")
                .add("goog:chromeOptions", options)
                .add("goog:loggingPrefs", Json.createObjectBuilder().add("performance", "ALL"))
                .build();
        JsonObject wanted = Json.createObjectBuilder()
                .add("capabilities", Json.createObjectBuilder().add("alwaysMatch", capabilities))
                .build();
        JsonObject opened = request("POST", "/session", wanted).asJsonObject();
        return opened.getString("sessionId");
    }

    /** Opens a page of the server, such as {@code /#/join/CODE}. */
    public Browser go(String path) {
        origins.add(server.uri("/").toString());
        command(
                "POST",
                "/url",
                Json.createObjectBuilder().add("url", server.uri(path).toString()));
        return this;
    }

    /** Opens an address that is not the server's own, such as that of a proxy before it. */
    public Browser goOutside(String address) {
        origins.add(URI.create(address).resolve("/").toString());
        command("POST", "/url", Json.createObjectBuilder().add("url", address));
        return this;
    }

    /** Opens the page as a member who has joined before. */
    public Browser goAs(Person person) {
        go("/app.css"); // of the same origin, and without a script of its own
        run(
                "localStorage.clear(); sessionStorage.clear(); localStorage.setItem('draugar.session',"
                        + " JSON.stringify({token: arguments[0], user: {id: arguments[1], name: arguments[2]}}))",
                Json.createValue(person.token()),
                Json.createValue(person.id()),
                Json.createValue(person.name()));
        return go("/");
    }

    /** Runs a script; gives what it returns. */
    public JsonValue run(String script, JsonValue... arguments) {
        JsonArrayBuilder values = Json.createArrayBuilder();
        List.of(arguments).forEach(values::add);
        return command(
                "POST",
                "/execute/sync",
                Json.createObjectBuilder().add("script", script).add("args", values));
    }

    /** Waits until a JavaScript expression is true. */
    public Browser await(String expression) {
        // The page looks by itself: to be asked over and over is most of what it would do.
        String look = "return new Promise((resolve, reject) => {"
                + " const until = performance.now() + " + LOOK_MILLIS + ";"
                + " const look = () => { try {"
                + " const found = Boolean(" + expression + ");"
                + " if (found || performance.now() > until) resolve(found); else setTimeout(look, 30);"
                + " } catch (e) { reject(e); } }; look(); })";
        try {
            Server.await(expression, PATIENCE, () -> {
                try {
                    return run(look) == JsonValue.TRUE;
                } catch (Gone e) {
                    // It has gone to another page meanwhile.
                    return false;
                }
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ". The page reads: " + text("body"), e);
        }
        return this;
    }

    /** Waits until an element that is shown contains a text. */
    public Browser awaitText(String selector, String part) {
        return await("[...document.querySelectorAll(" + quote(selector) + ")]"
                + ".some((e) => e.checkVisibility() && e.innerText.includes(" + quote(part) + "))");
    }

    /** Waits until an element is to be seen. */
    public Browser awaitShown(String selector) {
        return await("document.querySelector(" + quote(selector) + ")?.checkVisibility()");
    }

    /** Clicks as a person does: it must be there and nothing may cover it. */
    public Browser click(String selector) {
        awaitShown(selector);
        Server.await("a click on " + selector, PATIENCE, () -> {
            try {
                command("POST", "/element/" + element(selector) + "/click", Json.createObjectBuilder());
                return true;
            } catch (Gone e) {
                // The page has drawn it anew between the look and the click: so a person would click again.
                return false;
            }
        });
        return this;
    }

    /** Types into a field. */
    public Browser type(String selector, String text) {
        awaitShown(selector);
        command(
                "POST",
                "/element/" + element(selector) + "/value",
                Json.createObjectBuilder().add("text", text));
        return this;
    }

    /** Presses a key, such as {@code Tab} or {@code Enter}. */
    public Browser key(String name) {
        JsonObjectBuilder down =
                Json.createObjectBuilder().add("type", "keyDown").add("key", name);
        int code =
                switch (name) {
                    case "Tab" -> 9;
                    case "Enter" -> 13;
                    case "Escape" -> 27;
                    default -> throw new IllegalArgumentException(name);
                };
        down.add("windowsVirtualKeyCode", code);
        if (code == 13) {
            down.add("text", "\r");
        }
        devTools("Input.dispatchKeyEvent", down);
        return devTools(
                "Input.dispatchKeyEvent",
                Json.createObjectBuilder().add("type", "keyUp").add("key", name).add("windowsVirtualKeyCode", code));
    }

    /** What an element reads, as it is shown. */
    public String text(String selector) {
        return string("document.querySelector(" + quote(selector) + ")?.innerText ?? ''");
    }

    /** The value of a JavaScript expression that is a text. */
    public String string(String expression) {
        return ((JsonString) run("return String(" + expression + ")")).getString();
    }

    /** Puts the device somewhere: degrees, and the accuracy in metres. */
    public Browser isAt(double latitude, double longitude, double accuracy) {
        return devTools(
                "Emulation.setGeolocationOverride",
                Json.createObjectBuilder()
                        .add("latitude", latitude)
                        .add("longitude", longitude)
                        .add("accuracy", accuracy));
    }

    /** The window's size in CSS pixels; a narrow one is a phone. */
    public Browser resize(int width, int height) {
        return devTools(
                "Emulation.setDeviceMetricsOverride",
                Json.createObjectBuilder()
                        .add("width", width)
                        .add("height", height)
                        .add("deviceScaleFactor", width < 600 ? 2 : 1)
                        .add("mobile", width < 600));
    }

    public Browser dark(boolean dark) {
        JsonObject feature = Json.createObjectBuilder()
                .add("name", "prefers-color-scheme")
                .add("value", dark ? "dark" : "light")
                .build();
        return devTools(
                "Emulation.setEmulatedMedia",
                Json.createObjectBuilder()
                        .add("features", Json.createArrayBuilder().add(feature)));
    }

    /** Downloads go there. */
    public Browser savesTo(Path folder) {
        return devTools(
                "Browser.setDownloadBehavior",
                Json.createObjectBuilder()
                        .add("behavior", "allow")
                        .add("downloadPath", folder.toAbsolutePath().toString()));
    }

    /** A command of the DevTools protocol. */
    public Browser devTools(String name, JsonObjectBuilder parameters) {
        command(
                "POST",
                "/goog/cdp/execute",
                Json.createObjectBuilder().add("cmd", name).add("params", parameters));
        return this;
    }

    /** The addresses of all requests since the last call, WebSockets among them. */
    public List<String> requested() {
        List<String> addresses = new ArrayList<>();
        for (JsonValue entry : command(
                        "POST", "/se/log", Json.createObjectBuilder().add("type", "performance"))
                .asJsonArray()) {
            JsonObject message = Json.createReader(
                            new StringReader(entry.asJsonObject().getString("message")))
                    .readObject()
                    .getJsonObject("message");
            JsonObject params = message.getJsonObject("params");
            switch (message.getString("method")) {
                case "Network.requestWillBeSent" ->
                    addresses.add(params.getJsonObject("request").getString("url"));
                case "Network.webSocketCreated" -> addresses.add(params.getString("url"));
                default -> {
                    // Not a request.
                }
            }
        }
        return addresses;
    }

    /** What the page looks like, as a PNG file. */
    public void screenshot(Path file) {
        String picture = ((JsonString) command("GET", "/screenshot", null)).getString();
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, Base64.getDecoder().decode(picture));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Leaves nothing of what was here: the next one finds an empty profile and an empty window. */
    @Override
    public void close() {
        try {
            String window = command(
                            "POST", "/window/new", Json.createObjectBuilder().add("type", "tab"))
                    .asJsonObject()
                    .getString("handle");
            command("DELETE", "/window", null);
            command("POST", "/window", Json.createObjectBuilder().add("handle", window));
            for (String origin : origins) {
                devTools(
                        "Storage.clearDataForOrigin",
                        Json.createObjectBuilder().add("origin", origin).add("storageTypes", "all"));
            }
            devTools("Network.clearBrowserCache", Json.createObjectBuilder());
            devTools("Browser.resetPermissions", Json.createObjectBuilder());
            requested();
            idle(language).add(session);
        } catch (AssertionError e) {
            command("DELETE", "", null);
        }
    }

    private String element(String selector) {
        return command(
                        "POST",
                        "/element",
                        Json.createObjectBuilder().add("using", "css selector").add("value", selector))
                .asJsonObject()
                .getString(ELEMENT);
    }

    private static String quote(String text) {
        return Json.createValue(text).toString();
    }

    private JsonValue command(String method, String path, JsonObjectBuilder body) {
        return request(method, "/session/" + session + path, body == null ? null : body.build());
    }

    private static JsonValue request(String method, String path, JsonObject body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + driverPort() + path))
                .timeout(Duration.ofMinutes(2))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()))
                .build();
        try {
            String answer = HTTP.send(request, BodyHandlers.ofString()).body();
            JsonValue value =
                    Json.createReader(new StringReader(answer)).readObject().get("value");
            if (value instanceof JsonObject object && object.containsKey("error")) {
                if (object.getString("error").equals("stale element reference")
                        || object.getString("message").contains("unloaded")
                        || object.getString("message").contains("navigat")) {
                    throw new Gone(object.getString("message"));
                }
                throw new AssertionError(object.getString("error") + ": " + object.getString("message"));
            }
            return value;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Gone extends AssertionError {
        private static final long serialVersionUID = 1L;

        Gone(String message) {
            super(message);
        }
    }

    private static void end(Process driver) {
        IDLE.values().forEach(sessions -> sessions.forEach(session -> request("DELETE", "/session/" + session, null)));
        driver.destroy();
    }

    /** One driver for all tests; it ends with them. */
    private static synchronized int driverPort() {
        if (driverPort == 0) {
            try {
                Process driver = new ProcessBuilder(DRIVER.toString(), "--port=0")
                        .redirectErrorStream(true)
                        .start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> end(driver)));
                Scanner output = new Scanner(driver.getInputStream(), java.nio.charset.StandardCharsets.UTF_8);
                while (driverPort == 0 && output.hasNextLine()) {
                    Matcher started = STARTED.matcher(output.nextLine());
                    if (started.find()) {
                        driverPort = Integer.parseInt(started.group(1));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return driverPort;
    }
}
