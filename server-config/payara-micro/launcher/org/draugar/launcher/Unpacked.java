package org.draugar.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;

/**
 * The uberjar with the jars of its server beside it rather than in it, so that Java itself finds the classes and can
 * keep them in an {@linkplain ClassArchive archive}: half of what a start takes. It is kept from start to start, in the
 * user's cache, and made anew for another version of the jar. Without a cache to write to, it is made for one run.
 *
 * @param folder what is in it: a jar to start, and the folder of the jars that it needs
 * @param kept whether the next start will find it
 */
record Unpacked(Path folder, boolean kept) {
    private static final String INSIDE = "MICRO-INF/runtime/";
    private static final String BESIDE = "runtime/";
    private static final String JAR = "draugar.jar";

    /** Whoever has this one may unpack. */
    private static final String LOCK = "draugar.lock";

    /** What is being unpacked, or never was finished. */
    private static final String UNFINISHED = "draugar-unfinished";

    /** The folder of a version: nothing else in the cache is ours, nor ever deleted. */
    private static final Pattern VERSION = Pattern.compile("[0-9a-f]{16}");

    /** Whoever has this one, together with others, runs it; it is there when all else is. */
    private static final String IN_USE = "in-use";

    /** Held here because a lock that nobody holds is collected, and so released. */
    private static FileLock inUse;

    static Unpacked of(Path jar) throws IOException {
        try (JarFile packed = new JarFile(jar.toFile())) {
            try {
                return inCache(packed, Files.createDirectories(cache()));
            } catch (IOException | UncheckedIOException | InvalidPathException e) {
                Path folder = Files.createTempDirectory("draugar-");
                unpack(packed, folder);
                return new Unpacked(folder, false);
            }
        }
    }

    private static Unpacked inCache(JarFile packed, Path cache) throws IOException {
        Path folder = cache.resolve(digest(packed));
        // Closing it lets go of its lock.
        try (FileChannel alone =
                FileChannel.open(cache.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            alone.lock();
            if (!isComplete(folder, packed)) {
                deleteUnused(cache, folder);
                Path unfinished = createDirectory(cache.resolve(UNFINISHED));
                unpack(packed, unfinished);
                Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
            }
            Unpacked unpacked = new Unpacked(folder, true);
            unpacked.use();
            return unpacked;
        }
    }

    /**
     * Whether all is there as it should be, which it is not after a power cut, on a disk that was full or has lost
     * something, or where somebody else has been.
     */
    private static boolean isComplete(Path folder, JarFile packed) throws IOException {
        if (!Files.exists(folder.resolve(IN_USE)) || !Files.exists(folder.resolve(JAR)) || !isOwn(folder)) {
            return false;
        }
        try (JarFile jar = new JarFile(folder.resolve(JAR).toFile())) {
            for (JarEntry entry : Collections.list(packed.entries())) {
                if (!entry.getName().equals(JarFile.MANIFEST_NAME) && !isSame(entry, folder, jar)) {
                    return false;
                }
            }
            return true;
        } catch (IOException | SecurityException e) {
            return false;
        }
    }

    private static boolean isSame(JarEntry entry, Path folder, JarFile jar) throws IOException {
        if (isBeside(entry)) {
            Path file = folder.resolve(beside(entry));
            if (!Files.exists(file) || Files.size(file) != entry.getSize()) {
                return false;
            }
            try (InputStream content = Files.newInputStream(file)) {
                return checksum(content) == entry.getCrc();
            }
        }
        JarEntry copy = jar.getJarEntry(entry.getName());
        if (copy == null || copy.getSize() != entry.getSize()) {
            return false;
        }
        try (InputStream content = jar.getInputStream(copy)) {
            return checksum(content) == entry.getCrc();
        }
    }

    private static long checksum(InputStream content) throws IOException {
        CRC32 checksum = new CRC32();
        byte[] buffer = new byte[1 << 16];
        for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
            checksum.update(buffer, 0, read);
        }
        return checksum.getValue();
    }

    /** Whether nobody else may put classes here for us to run. */
    private static boolean isOwn(Path folder) throws IOException {
        PosixFileAttributeView posix =
                Files.getFileAttributeView(folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (posix == null) {
            return true;
        }
        PosixFileAttributes attributes = posix.readAttributes();
        // A name does not say who we are: in a container there may be none.
        Path mine = Files.createTempFile(folder.getParent(), "draugar-", null);
        UserPrincipal owner = Files.getOwner(mine);
        Files.delete(mine);
        return !attributes.isSymbolicLink()
                && attributes.owner().equals(owner)
                && !attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
                && !attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE);
    }

    /** One that only its owner may write to, where the file system knows of such a thing. */
    private static Path createDirectory(Path folder) throws IOException {
        Files.createDirectory(folder);
        PosixFileAttributeView posix = Files.getFileAttributeView(folder, PosixFileAttributeView.class);
        if (posix != null) {
            posix.setPermissions(PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return folder;
    }

    Path jar() {
        return folder.resolve(JAR);
    }

    /** Deletes what no other start will use. */
    void end() {
        if (!kept) {
            delete(folder);
        }
    }

    private static Path cache() throws IOException {
        Optional<Path> set = Server.setting("DRAUGAR_CACHE").map(Path::of);
        return set.isPresent()
                ? set.get().toAbsolutePath()
                : Stream.of(
                                Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                                        .map(Path::of),
                                Optional.of(Path.of(System.getProperty("user.home"), ".cache")))
                        .flatMap(Optional::stream)
                        // Who has no home has "?" for it: that would be wherever Draugar is started.
                        .filter(Path::isAbsolute)
                        .findFirst()
                        .orElseThrow(() -> new IOException("no home"))
                        .resolve("draugar");
    }

    /** Says which version of the jar it is, by the checksums of what is in it. */
    private static String digest(JarFile jar) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (JarEntry entry : Collections.list(jar.entries())) {
                digest.update((entry.getName() + " " + entry.getCrc() + "\n").getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void unpack(JarFile packed, Path folder) throws IOException {
        Files.createDirectory(folder.resolve(BESIDE));
        StringJoiner beside = new StringJoiner(" ");
        Manifest manifest = new Manifest(packed.getManifest());
        List<JarEntry> entries = Collections.list(packed.entries());
        for (JarEntry entry : entries) {
            if (isBeside(entry)) {
                String name = beside(entry);
                try (InputStream content = packed.getInputStream(entry)) {
                    Files.copy(content, folder.resolve(name));
                }
                beside.add(name);
            }
        }
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, beside.toString());
        try (JarOutputStream jar =
                new JarOutputStream(Files.newOutputStream(new Unpacked(folder, true).jar()), manifest)) {
            for (JarEntry entry : entries) {
                if (!isBeside(entry) && !entry.getName().equals(JarFile.MANIFEST_NAME)) {
                    copy(packed, entry, jar);
                }
            }
        }
        try (FileChannel jar = FileChannel.open(folder.resolve(JAR), StandardOpenOption.WRITE)) {
            jar.force(true);
        }
        Files.createFile(folder.resolve(IN_USE));
    }

    private static boolean isBeside(JarEntry entry) {
        return entry.getName().startsWith(INSIDE) && !entry.isDirectory();
    }

    private static String beside(JarEntry entry) {
        return BESIDE + entry.getName().substring(INSIDE.length());
    }

    /** As it is, not compressed: that would only take time at each start. */
    private static void copy(JarFile packed, JarEntry entry, JarOutputStream jar) throws IOException {
        byte[] content;
        try (InputStream stream = packed.getInputStream(entry)) {
            content = stream.readAllBytes();
        }
        CRC32 checksum = new CRC32();
        checksum.update(content);
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setMethod(ZipEntry.STORED);
        copy.setSize(content.length);
        copy.setCrc(checksum.getValue());
        jar.putNextEntry(copy);
        jar.write(content);
        jar.closeEntry();
    }

    /** Keeps it from being deleted for as long as this process lives, however that ends. */
    void use() throws IOException {
        inUse = FileChannel.open(folder.resolve(IN_USE), StandardOpenOption.READ)
                .lock(0, Long.MAX_VALUE, true);
    }

    /**
     * Deletes other versions but for those that run, and what was never finished. Nothing else: the folder may be one
     * that holds all that somebody has.
     */
    private static void deleteUnused(Path cache, Path version) throws IOException {
        try (Stream<Path> folders = Files.list(cache)) {
            for (Path folder : folders.filter(folder -> isOurs(folder, version)).toList()) {
                if (!isInUse(folder)) {
                    delete(folder);
                }
            }
        }
    }

    /** By its name, and for other versions by the mark in it. */
    private static boolean isOurs(Path folder, Path version) {
        String name = folder.getFileName().toString();
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && (folder.equals(version)
                        || name.equals(UNFINISHED)
                        || (VERSION.matcher(name).matches() && Files.isRegularFile(folder.resolve(IN_USE))));
    }

    private static boolean isInUse(Path folder) {
        try (FileChannel use = FileChannel.open(folder.resolve(IN_USE), StandardOpenOption.WRITE);
                FileLock nobody = use.tryLock()) {
            return nobody == null;
        } catch (IOException e) {
            return false;
        }
    }

    static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            // It is a cache: what is left of it takes room, nothing else.
        }
    }
}
