import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Makes a copy of Payara's {@code nucleus-grizzly-all.jar} that uses no object for two requests.
 *
 * <p>Grizzly keeps used requests, responses and their contexts, and hands them to the next. When a WebSocket is closed
 * by the server while its peer hangs up, the late half of the goodbye still holds them: it then ends a request that is
 * somebody else's by now (a 500 for them; seen about once in fifty goodbyes), and what is written late could reach the
 * wrong one (payara/Payara#5432). New objects cost little; sharing them could cost a family's trust.
 *
 * <p>The change is one instruction in {@code ThreadCache.obtainIndex}: whatever size a store asks for, it gets 0. The
 * build fails when the place is not found exactly once.
 */
public final class UnpoolGrizzly {
    private static final String PATCHED = "org/glassfish/grizzly/ThreadCache.class";

    private UnpoolGrizzly() {}

    /** @param arguments the jar, and where to write the changed one */
    public static void main(String[] arguments) throws IOException {
        try (ZipFile jar = new ZipFile(arguments[0]);
                ZipOutputStream changed = new ZipOutputStream(Files.newOutputStream(Path.of(arguments[1])))) {
            for (ZipEntry entry : jar.stream().toList()) {
                byte[] bytes = jar.getInputStream(entry).readAllBytes();
                ZipEntry copy = new ZipEntry(entry.getName());
                // One time for all: the archive is the same from build to build, in every time zone.
                copy.setTimeLocal(LocalDateTime.of(2026, 1, 1, 0, 0));
                changed.putNextEntry(copy);
                changed.write(entry.getName().equals(PATCHED) ? unpool(bytes) : bytes);
                changed.closeEntry();
            }
        }
    }

    /** {@code new CachedTypeIndex(…, name, type, size)}: aload_0, aload_1, iload_2, invokespecial. */
    private static byte[] unpool(byte[] bytes) {
        int found = -1;
        for (int i = 0; i + 3 < bytes.length; i++) {
            boolean here =
                    bytes[i] == 0x2A && bytes[i + 1] == 0x2B && bytes[i + 2] == 0x1C && bytes[i + 3] == (byte) 0xB7;
            if (here && found >= 0) {
                throw new IllegalStateException("Found the place twice in " + PATCHED);
            }
            if (here) {
                found = i + 2;
            }
        }
        if (found < 0) {
            throw new IllegalStateException("Did not find the place in " + PATCHED + ": is this another version?");
        }
        ByteArrayOutputStream changed = new ByteArrayOutputStream(bytes.length);
        changed.write(bytes, 0, found);
        // iconst_0
        changed.write(0x03);
        changed.write(bytes, found + 1, bytes.length - found - 1);
        return changed.toByteArray();
    }
}
