package org.draugar.support;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/** Somebody else's server of maps, of a land that is all wood: in pictures, in vector tiles and in archives of both. */
public final class TileServer implements AutoCloseable {
    /** The colour of all pictures. */
    public static final Color PICTURE = new Color(200, 40, 120);

    private static final byte UNPACKED = 1;
    private static final byte GZIP = 2;
    private static final byte VECTORS = 1;
    private static final byte PNG = 2;

    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    private final HttpServer server;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final byte[] picture = picture();
    private final byte[] tile = tile();
    private final byte[] archive = archive(gzip(tile), GZIP, VECTORS);
    private final byte[] pictureArchive = archive(picture, UNPACKED, PNG);

    public TileServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.start();
    }

    /** Its address, as browsers know it. */
    public String origin() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The paths that it was asked for. */
    public List<String> requests() {
        return requests;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        requests.add(path);
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (path.endsWith(".png")) {
            answer(exchange, 200, picture);
        } else if (path.endsWith(".mvt")) {
            answer(exchange, 200, tile);
        } else if (path.equals("/planet")) {
            String tiles = "{\"tilejson\":\"3.0.0\",\"maxzoom\":14,\"tiles\":[\"" + origin() + "/{z}/{x}/{y}.mvt\"]}";
            answer(exchange, 200, tiles.getBytes(StandardCharsets.UTF_8));
        } else if (range != null) {
            Matcher part = RANGE.matcher(range);
            if (!part.matches()) {
                throw new IllegalStateException(range);
            }
            byte[] file = path.equals("/pictures.pmtiles") ? pictureArchive : archive;
            int from = Integer.parseInt(part.group(1));
            int to = Math.min(file.length, Integer.parseInt(part.group(2)) + 1);
            answer(exchange, 206, Arrays.copyOfRange(file, from, to));
        } else {
            answer(exchange, 404, new byte[0]);
        }
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static byte[] picture() {
        BufferedImage image = new BufferedImage(256, 256, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < 256; x++) {
            for (int y = 0; y < 256; y++) {
                image.setRGB(x, y, PICTURE.getRGB());
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** A Mapbox Vector Tile 2.1 with one layer, {@code landcover}, and in it one square of wood. */
    private static byte[] tile() {
        int full = 2 * 4096;
        int back = full - 1;
        byte[] geometry = varints(9, 0, 0, 26, full, 0, 0, full, back, 0, 15);
        byte[] feature = concat(field(2, varints(0, 0)), varints(3 << 3, 3), field(4, geometry));
        byte[] layer = concat(
                varints(15 << 3, 2),
                field(1, utf8("landcover")),
                field(2, feature),
                field(3, utf8("class")),
                field(4, field(1, utf8("wood"))),
                varints(5 << 3, 4096));
        return field(3, layer);
    }

    /** A PMTiles archive of version 3, where one leaf below the root says that all tiles are the same one. */
    private static byte[] archive(byte[] data, byte packing, byte type) {
        int all = ((1 << 30) - 1) / 3; // down to zoom 14
        byte[] leaf = gzip(varints(1, 0, all, data.length, 1));
        byte[] root = gzip(varints(1, 0, 0, leaf.length, 1));
        ByteBuffer header = ByteBuffer.allocate(127).order(ByteOrder.LITTLE_ENDIAN);
        header.put(utf8("PMTiles")).put((byte) 3);
        long leaves = 127L + root.length;
        long tiles = leaves + leaf.length;
        for (long number :
                new long[] {127, root.length, leaves, 0, leaves, leaf.length, tiles, data.length, all, 1, 1}) {
            header.putLong(number);
        }
        header.put(new byte[] {1, GZIP, packing, type, 0, 14}); // clustered, directories, tiles, zoom 0 to 14
        return concat(header.array(), root, leaf, data);
    }

    private static byte[] field(int number, byte[] value) {
        return concat(varints(number << 3 | 2, value.length), value);
    }

    private static byte[] varints(int... values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int value : values) {
            int rest = value;
            while (rest > 127) {
                bytes.write(rest & 127 | 128);
                rest >>>= 7;
            }
            bytes.write(rest);
        }
        return bytes.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }
}
