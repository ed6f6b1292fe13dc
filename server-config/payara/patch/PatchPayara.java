import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Makes copies of two of Payara's jars in which one instruction each is another one. */
public final class PatchPayara {
    /**
     * Uses no object for two requests.
     *
     * <p>Grizzly keeps used requests, responses and their contexts, and hands them to the next. When a WebSocket is
     * closed by the server while its peer hangs up, the late half of the goodbye still holds them: it then ends a request
     * that is somebody else's by now (a 500 for them; seen about once in fifty goodbyes), and what is written late could
     * reach the wrong one (payara/Payara#5432). New objects cost little; sharing them could cost a family's trust.
     *
     * <p>In {@code ThreadCache.obtainIndex(type, size)} {@code iload_1} becomes {@code iconst_0}: whatever size a store
     * asks for, it gets 0. Stores with names of their own remain; they hold buffers for the length of a call.
     */
    private static final Patch UNPOOLED = new Patch(
            "nucleus-grizzly-all.jar",
            "org/glassfish/grizzly/ThreadCache.class",
            // iload_1, invokestatic, areturn
            "\u001b(?=\u00b8..\u00b0)",
            '\u0003');

    /**
     * Lets {@code ServletResponse.setBufferSize} ask for less too.
     *
     * <p>Payara's servlets begin with 8 KB, and it makes a new buffer of that size for each write to a WebSocket: half of
     * all that the server allocated for a position was the empty rest of it.
     *
     * <p>In {@code OutputBuffer.setBufferSize} "if larger" becomes "if different": {@code if_icmpeq} for {@code
     * if_icmple}.
     */
    private static final Patch SMALL_BUFFERS = new Patch(
            "web-core.jar",
            "org/apache/catalina/connector/OutputBuffer.class",
            // iload_1, aload_0, getfield, invokevirtual, if_icmple to the end
            "(?<=\u001b\u002a\u00b4..\u00b6..)\u00a4(?=\u0000\u000b)",
            '\u009f');

    private PatchPayara() {}

    /** @param arguments where the jars are, and where to write the changed ones */
    public static void main(String[] arguments) throws IOException {
        for (Patch patch : new Patch[] {UNPOOLED, SMALL_BUFFERS}) {
            patch.apply(Path.of(arguments[0]), Path.of(arguments[1]));
        }
    }

    /**
     * @param place a regular expression for the instruction, whose bytes are characters here; the build fails when it is
     *     not found exactly once
     * @param instruction what becomes of it
     */
    private record Patch(String jar, String type, String place, char instruction) {
        void apply(Path from, Path to) throws IOException {
            try (ZipFile original = new ZipFile(from.resolve(jar).toFile());
                    ZipOutputStream changed = new ZipOutputStream(Files.newOutputStream(to.resolve(jar)))) {
                for (ZipEntry entry : original.stream().toList()) {
                    byte[] bytes = original.getInputStream(entry).readAllBytes();
                    ZipEntry copy = new ZipEntry(entry.getName());
                    // One time for all: the archive is the same from build to build, in every time zone.
                    copy.setTimeLocal(LocalDateTime.of(2026, 1, 1, 0, 0));
                    changed.putNextEntry(copy);
                    changed.write(entry.getName().equals(type) ? apply(bytes) : bytes);
                    changed.closeEntry();
                }
            }
        }

        private byte[] apply(byte[] bytes) {
            StringBuilder code = new StringBuilder(new String(bytes, StandardCharsets.ISO_8859_1));
            Matcher found = Pattern.compile(place, Pattern.DOTALL).matcher(code);
            if (!found.find()) {
                throw new IllegalStateException("Did not find the place in " + type + ": is this another version?");
            }
            int at = found.start();
            if (found.find()) {
                throw new IllegalStateException("Found the place twice in " + type);
            }
            code.setCharAt(at, instruction);
            return code.toString().getBytes(StandardCharsets.ISO_8859_1);
        }
    }
}
