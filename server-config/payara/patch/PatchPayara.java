import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Makes copies of two of Payara's jars in which a few instructions are other ones. Each patch says what must come true
 * before it can be dropped; {@code PayaraPatchesIT} looks whether it has, in the jars as Payara brings them.
 */
public final class PatchPayara {
    /**
     * Uses no object for two requests.
     *
     * <p>Grizzly keeps used requests, responses and their contexts, and hands them to the next. When a WebSocket is
     * closed by the server while its peer hangs up, the late half of the goodbye still holds them: it then ends a request
     * that is somebody else's by now (a 500 for them; seen about once in fifty goodbyes), and what is written late could
     * reach the wrong one (payara/Payara#5432). New objects cost little; sharing them could cost a family's trust.
     *
     * <p>In {@code ThreadCache.obtainIndex(type, size)}, whatever size a store asks for, it gets 0. Stores with names of
     * their own remain; they hold buffers for the length of a call.
     *
     * <p>Until Grizzly hands out two requests after one was given back twice.
     */
    private static final Patch UNPOOLED = new Patch(
            "nucleus-grizzly-all.jar",
            "org/glassfish/grizzly/ThreadCache",
            "obtainIndex(Ljava/lang/Class;I)",
            1,
            instruction -> instruction instanceof VarInsnNode load
                            && load.getOpcode() == Opcodes.ILOAD
                            && load.var == 1
                            && calls(load.getNext(), "obtainIndex")
                    ? new InsnNode(Opcodes.ICONST_0)
                    : null);

    /**
     * Makes less room for the parameters of a form.
     *
     * <p>Grizzly keeps the request of an upgrade for as long as the WebSocket lives, and with it room for the name and the
     * value of a parameter, 4 KB that a WebSocket never uses. It grows where it is too small.
     *
     * <p>Until new {@code Parameters} have less than 1 KB of room.
     */
    private static final Patch SMALL_PARAMETERS = new Patch(
            "nucleus-grizzly-all.jar",
            "org/glassfish/grizzly/http/util/Parameters",
            "<init>()",
            2,
            instruction -> pushes(instruction, 1024) && calls(instruction.getNext(), "<init>")
                    ? new IntInsnNode(Opcodes.SIPUSH, 16)
                    : null);

    /**
     * Makes less room for writing headers, 1 KB for each WebSocket, likewise. Longer ones are written piece by piece.
     *
     * <p>Until a new {@code HttpHeader} has less than 256 bytes of room.
     */
    private static final Patch SMALL_HEADERS = new Patch(
            "nucleus-grizzly-all.jar",
            "org/glassfish/grizzly/http/HttpHeader",
            "<init>(",
            1,
            instruction -> pushes(instruction, 512) && instruction.getNext().getOpcode() == Opcodes.NEWARRAY
                    ? new IntInsnNode(Opcodes.SIPUSH, 64)
                    : null);

    /**
     * Lets {@code ServletResponse.setBufferSize} ask for less too.
     *
     * <p>Payara's servlets begin with 8 KB, and it makes a new buffer of that size for each write to a WebSocket: half of
     * all that the server allocated for a position was the empty rest of it.
     *
     * <p>In {@code OutputBuffer.setBufferSize}, "if larger" becomes "if different".
     *
     * <p>Until {@code setBufferSize} takes less than it began with.
     */
    private static final Patch SMALL_BUFFERS = new Patch(
            "web-core.jar",
            "org/apache/catalina/connector/OutputBuffer",
            "setBufferSize(I)",
            1,
            instruction -> instruction instanceof JumpInsnNode jump && jump.getOpcode() == Opcodes.IF_ICMPLE
                    ? new JumpInsnNode(Opcodes.IF_ICMPEQ, jump.label)
                    : null);

    private static final List<Patch> PATCHES = List.of(UNPOOLED, SMALL_PARAMETERS, SMALL_HEADERS, SMALL_BUFFERS);

    private PatchPayara() {}

    /** @param arguments where the jars are, and where to write the changed ones */
    public static void main(String[] arguments) throws IOException {
        for (String jar : PATCHES.stream().map(Patch::jar).distinct().toList()) {
            copy(Path.of(arguments[0], jar), Path.of(arguments[1], jar));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (ZipFile original = new ZipFile(from.toFile());
                ZipOutputStream changed = new ZipOutputStream(Files.newOutputStream(to))) {
            for (ZipEntry entry : original.stream().toList()) {
                byte[] bytes = original.getInputStream(entry).readAllBytes();
                for (Patch patch : PATCHES) {
                    if (from.endsWith(patch.jar()) && entry.getName().equals(patch.type() + ".class")) {
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

    private static boolean calls(AbstractInsnNode instruction, String method) {
        return instruction instanceof MethodInsnNode call && call.name.equals(method);
    }

    private static boolean pushes(AbstractInsnNode instruction, int number) {
        return instruction instanceof IntInsnNode push && push.getOpcode() == Opcodes.SIPUSH && push.operand == number;
    }

    /**
     * @param method how the method's name and parameters begin
     * @param times how many instructions become other ones; the build fails when there are more or fewer
     * @param change what becomes of an instruction, or null where it stays
     */
    private record Patch(
            String jar, String type, String method, int times, Function<AbstractInsnNode, AbstractInsnNode> change) {

        byte[] apply(byte[] bytes) {
            ClassNode node = new ClassNode();
            ClassReader reader = new ClassReader(bytes);
            reader.accept(node, 0);
            int found = 0;
            for (MethodNode candidate : node.methods) {
                if ((candidate.name + candidate.desc).startsWith(method)) {
                    for (AbstractInsnNode instruction : candidate.instructions.toArray()) {
                        Optional<AbstractInsnNode> other = Optional.ofNullable(change.apply(instruction));
                        other.ifPresent(it -> candidate.instructions.set(instruction, it));
                        found += other.isPresent() ? 1 : 0;
                    }
                }
            }
            if (found != times) {
                throw new IllegalStateException("Expected " + times + " places in " + type + "." + method
                        + " but found " + found + ": is this another version?");
            }
            ClassWriter writer = new ClassWriter(reader, 0);
            node.accept(writer);
            return writer.toByteArray();
        }
    }
}
