package org.draugar.history;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.draugar.http.Problem;

/**
 * A file that somebody sends: as the body, or as the first file in a form (multipart/form-data, RFC 7578), which is read
 * while it comes, however large it is.
 *
 * @param name what its sender calls it, or null
 */
record Upload(String name, InputStream file) {
    private static final int MAX_HEADERS = 8192;
    private static final int MAX_FIELDS = 64 * 1024;
    private static final int MAX_BOUNDARY = 70;
    private static final Pattern BOUNDARY =
            Pattern.compile("multipart/form-data\\s*;.*boundary=\"?([^\";\\s]+)\"?.*", Pattern.CASE_INSENSITIVE);
    private static final Pattern FILE_NAME = Pattern.compile("filename=\"?([^\"\\r\\n]*)\"?", Pattern.CASE_INSENSITIVE);

    /**
     * @param contentType of the request, or null
     * @throws Problem 400 when it is a form without a file
     */
    static Upload of(String contentType, InputStream body) {
        Matcher form = BOUNDARY.matcher(contentType == null ? "" : contentType.strip());
        if (!form.matches() || form.group(1).length() > MAX_BOUNDARY) {
            return new Upload(null, body);
        }
        try {
            return file(new BufferedInputStream(body), "--" + form.group(1));
        } catch (IOException e) {
            throw new Problem(400, "The file did not arrive in full");
        }
    }

    private static Upload file(InputStream in, String boundary) throws IOException {
        int[] left = {MAX_HEADERS};
        int fields = MAX_FIELDS;
        String line = line(in, left);
        while (line != null && !line.strip().equals(boundary)) {
            line = line(in, left);
        }
        while (line != null) {
            String lineEnd = line.endsWith("\r") ? "\r\n" : "\n";
            String name = null;
            while ((line = line(in, left)) != null && !line.isBlank()) {
                Matcher file = FILE_NAME.matcher(line);
                if (file.find()) {
                    name = file.group(1).replaceFirst(".*[/\\\\]", "");
                }
            }
            Part part = new Part(in, (lineEnd + boundary).getBytes(StandardCharsets.UTF_8));
            if (name != null) {
                return new Upload(name, part);
            }
            // A field of the form, such as how large the file may be.
            for (byte[] some = new byte[1024]; part.read(some, 0, some.length) >= 0; ) {
                fields -= some.length;
                require(fields > 0);
            }
            line = line(in, left);
            line = line == null || line.startsWith("--") ? null : lineEnd.substring(0, lineEnd.length() - 1);
        }
        throw new Problem(400, "There is no file in the form: send the file itself as the body, or a form with it");
    }

    private static void require(boolean fits) {
        if (!fits) {
            throw new Problem(400, "There is too much before the file: send the file itself as the body");
        }
    }

    /** A line without its line feed; null at the end. */
    private static String line(InputStream in, int[] left) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c;
        while ((c = in.read()) >= 0 && c != '\n') {
            require(--left[0] > 0);
            line.write(c);
        }
        return c < 0 && line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
    }

    /** What stands before the next boundary. */
    private static final class Part extends InputStream {
        private final InputStream in;
        private final byte[] end;
        private boolean ended;

        Part(InputStream in, byte[] end) {
            this.in = in;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        private boolean follows() throws IOException {
            return Arrays.equals(in.readNBytes(end.length - 1), Arrays.copyOfRange(end, 1, end.length));
        }

        @Override
        public int read(byte[] target, int start, int length) throws IOException {
            int count = 0;
            while (count < length && !ended) {
                in.mark(end.length);
                int c = in.read();
                if (c < 0) {
                    throw new IOException("The form ended before its file did");
                }
                if (c == end[0] && follows()) {
                    ended = true;
                } else {
                    if (c == end[0]) {
                        in.reset();
                        in.skipNBytes(1);
                    }
                    target[start + count++] = (byte) c;
                }
            }
            return count == 0 && length > 0 ? -1 : count;
        }
    }
}
