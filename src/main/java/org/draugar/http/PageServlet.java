package org.draugar.http;

import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The page, with its scripts and styles at addresses that change when they do: {@code /page/<version>/app/main.js} may be
 * kept for a year without a question (RFC 8246); only {@code /}, which names the version, is asked for again. All of it is
 * compressed once, when the server starts, and kept in memory: some 350 KB.
 */
@WebServlet({"", "/index.html", "/page/*"})
public class PageServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private static final String INDEX = "/index.html";
    private static final String STYLE = "/app.css";
    /** {@code lib} is put together by the build; its script comes compressed. */
    private static final Set<String> FOLDERS = Set.of("/app/", "/lib/", "/messages/");

    /** One that has its lines to itself, in a script or a style. */
    private static final Pattern COMMENT =
            Pattern.compile("(?m)^[ \\t]*(/\\*[^*]*(\\*(?!/)[^*]*)*\\*/[ \\t]*|//.*)\\n");

    private static final Map<String, String> TYPES =
            Map.of("js", "text/javascript", "css", "text/css", "html", "text/html");

    /** By their paths in the WAR; compressed. */
    private transient Map<String, byte[]> files;

    /** A hash of all of them. */
    private transient String version;

    @Override
    public void init() throws ServletException {
        try {
            Set<String> paths = new TreeSet<>(Set.of(INDEX, STYLE));
            FOLDERS.forEach(folder -> paths.addAll(getServletContext().getResourcePaths(folder)));
            MessageDigest sum = MessageDigest.getInstance("SHA-256");
            Map<String, byte[]> read = new TreeMap<>();
            for (String path : paths) {
                try (InputStream in = getServletContext().getResourceAsStream(path)) {
                    read.put(path, in.readAllBytes());
                    sum.update(path.getBytes(StandardCharsets.UTF_8));
                    sum.update(read.get(path));
                }
            }
            version = HexFormat.of().formatHex(sum.digest(), 0, 8);
            read.compute(INDEX, (path, bytes) -> index(new String(bytes, StandardCharsets.UTF_8), paths));
            Map<String, byte[]> all = new TreeMap<>();
            for (Map.Entry<String, byte[]> file : read.entrySet()) {
                all.put(file.getKey(), compressed(withoutComments(file.getKey(), file.getValue())));
            }
            files = all;
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new ServletException(e);
        }
    }

    /**
     * Puts the version where the page says {@code {version}}, and where it says {@code {modules}} what it needs first: a
     * browser would find one module in another, and wait for each.
     */
    private byte[] index(String page, Set<String> paths) {
        String modules = paths.stream()
                .filter(path -> path.startsWith("/app/"))
                .map(path -> "<link rel=\"modulepreload\" href=\"page/{version}" + path + "\">")
                .collect(Collectors.joining("\n  "));
        return page.replace("<!-- {modules} -->", modules)
                .replace("{version}", version)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** A quarter of the page's own scripts, which nobody reads on a phone. */
    private static byte[] withoutComments(String path, byte[] bytes) {
        return path.startsWith("/lib/")
                ? bytes
                : COMMENT.matcher(new String(bytes, StandardCharsets.UTF_8))
                        .replaceAll("")
                        .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] compressed(byte[] bytes) throws IOException {
        boolean already = bytes.length > 2 && (bytes[0] & 0xff) == 0x1f && (bytes[1] & 0xff) == 0x8b;
        if (already) {
            return bytes;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!"/page".equals(request.getServletPath())) {
            String tag = "\"" + version + "\"";
            response.setHeader("Cache-Control", "no-cache");
            response.setHeader("ETag", tag);
            String known = request.getHeader("If-None-Match");
            if (known != null && known.contains(tag)) {
                response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            } else {
                answer(INDEX, request, response);
            }
            return;
        }
        String asked = request.getPathInfo() == null ? "" : request.getPathInfo();
        int end = Math.max(0, asked.indexOf('/', 1));
        String path = asked.substring(end);
        if (path.equals(INDEX) || !files.containsKey(path)) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND);
            return;
        }
        // A page from before an update gets what there is now, but nobody keeps it under that address.
        boolean current = asked.substring(0, end).equals("/" + version);
        response.setHeader("Cache-Control", current ? "public, max-age=31536000, immutable" : "no-cache");
        answer(path, request, response);
    }

    private void answer(String path, HttpServletRequest request, HttpServletResponse response) throws IOException {
        byte[] file = files.get(path);
        response.setContentType(TYPES.get(path.substring(path.lastIndexOf('.') + 1)) + ";charset=UTF-8");
        response.setHeader("Vary", "Accept-Encoding");
        if (GzipWriter.accepted(request.getHeader("Accept-Encoding"))) {
            response.setHeader("Content-Encoding", "gzip");
            response.setContentLength(file.length);
            response.getOutputStream().write(file);
        } else {
            new GZIPInputStream(new ByteArrayInputStream(file)).transferTo(response.getOutputStream());
        }
    }
}
