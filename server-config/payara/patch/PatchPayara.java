import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Makes copies of two of Payara's jars in which a few instructions are other ones. */
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
            "\u0003",
            1);

    /**
     * Makes less room for the parameters of a form.
     *
     * <p>Grizzly keeps the request of an upgrade for as long as the WebSocket lives, and with it room for the name and the
     * value of a parameter, 4 KB that a WebSocket never uses. It grows where it is too small.
     *
     * <p>In the constructor of {@code Parameters} {@code sipush 1024} becomes {@code sipush 16}, twice.
     */
    private static final Patch SMALL_PARAMETERS = new Patch(
            "nucleus-grizzly-all.jar",
            "org/glassfish/grizzly/http/util/Parameters.class",
            // new, dup, sipush 1024, invokespecial
            "(?<=\u00bb..\u0059)\u0011\u0004\u0000(?=\u00b7)",
            "\u0011\u0000\u0010",
            2);

    /**
     * Makes less room for writing headers, 1 KB for each WebSocket, likewise. Longer ones are written piece by piece.
     *
     * <p>In the constructor of {@code HttpHeader} {@code sipush 512} becomes {@code sipush 64}.
     */
    private static final Patch SMALL_HEADERS = new Patch(
            "nucleus-grizzly-all.jar",
            "org/glassfish/grizzly/http/HttpHeader.class",
            // sipush 512, newarray byte
            "\u0011\u0002\u0000(?=\u00bc\u0008)",
            "\u0011\u0000\u0040",
            1);

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
            "(?<=\u001b[*]\u00b4..\u00b6..)\u00a4(?=\u0000\u000b)",
            "\u009f",
            1);

    private static final List<Patch> PATCHES = List.of(UNPOOLED, SMALL_PARAMETERS, SMALL_HEADERS, SMALL_BUFFERS);

    private PatchPayara() {}

    /** @param arguments where the jars are, and where to write the changed ones */
    public static void main(String[] arguments) throws IOException {
        for (String jar : PATCHES.stream().map(Patch::jar).distinct().toList()) {
            copy(Path.of(arguments[0], jar), Path.of(arguments[1], jar));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Patch> patches =
                PATCHES.stream().filter(patch -> from.endsWith(patch.jar())).toList();
        try (ZipFile original = new ZipFile(from.toFile());
                ZipOutputStream changed = new ZipOutputStream(Files.newOutputStream(to))) {
            for (ZipEntry entry : original.stream().toList()) {
                byte[] bytes = original.getInputStream(entry).readAllBytes();
                for (Patch patch : patches) {
                    if (patch.type().equals(entry.getName())) {
                        bytes = patch.apply(bytes);
                    }
                }
                ZipEntry copy = new ZipEntry(entry.getName());
                // One time for all: the archive is the same from build to build, in every time zone.
                copy.setTimeLocal(LocalDateTime.of(2026, 1, 1, 0, 0));
                changed.putNextEntry(copy);
                changed.write(bytes);
                changed.closeEntry();
            }
        }
    }

    /**
     * @param place a regular expression for the instruction, whose bytes are characters here
     * @param instruction what becomes of it, as long as it is
     * @param times how often it is there; the build fails when it is not
     */
    private record Patch(String jar, String type, String place, String instruction, int times) {
        byte[] apply(byte[] bytes) {
            Matcher found =
                    Pattern.compile(place, Pattern.DOTALL).matcher(new String(bytes, StandardCharsets.ISO_8859_1));
            if (found.results().count() != times) {
                throw new IllegalStateException("Did not find the place in " + type + ": is this another version?");
            }
            return found.reset()
                    .replaceAll(Matcher.quoteReplacement(instruction))
                    .getBytes(StandardCharsets.ISO_8859_1);
        }
    }
}
