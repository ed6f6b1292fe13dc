package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each change that {@code PatchPayara} makes, in the jars as Payara brings them and as the build changes them. Where a test
 * fails of what Payara brings, the patch has done its duty: drop it.
 */
class PayaraPatchesIT {
    private static final String REQUEST = "org.glassfish.grizzly.http.HttpRequestPacketImpl";
    private static final String INSIDE = "MICRO-INF/runtime/";

    @TempDir
    private static Path stockJars;

    private static URLClassLoader stock;
    private static URLClassLoader changed;

    @BeforeAll
    static void unpack() throws Exception {
        assumeTrue(
                ServerProcess.CONTAINER.equals("payara-micro"),
                "What the build changes in Payara is looked at once, with Payara Micro");
        List<URL> urls = new ArrayList<>();
        try (ZipFile payara = new ZipFile("target/server/payara-micro.jar")) {
            for (ZipEntry entry : payara.stream()
                    .filter(entry -> entry.getName().startsWith(INSIDE)
                            && entry.getName().endsWith(".jar"))
                    .toList()) {
                Path jar = stockJars.resolve(entry.getName().substring(INSIDE.length()));
                try (InputStream content = payara.getInputStream(entry)) {
                    Files.copy(content, jar);
                }
                urls.add(jar.toUri().toURL());
            }
        }
        stock = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        for (String jar : List.of("nucleus-grizzly-all.jar", "web-core.jar")) {
            urls.add(0, Path.of("target/server/payara", jar).toUri().toURL());
        }
        changed = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    @AfterAll
    static void close() throws Exception {
        if (stock != null) {
            stock.close();
            changed.close();
        }
    }

    /** UNPOOLED. */
    @Test
    void noRequestIsUsedTwice() throws Exception {
        assertThat(sharesRequests(stock)).as("what Payara brings").isTrue();
        assertThat(sharesRequests(changed)).as("what the build makes of it").isFalse();
    }

    /** Whether two requests are one object, after one was given back twice, as at a goodbye that crosses another. */
    private static boolean sharesRequests(ClassLoader jars) throws Exception {
        Class<?> type = jars.loadClass(REQUEST);
        Method create = type.getMethod("create");
        create.setAccessible(true);
        Method recycle = type.getMethod("recycle");
        recycle.setAccessible(true);
        Object used = create.invoke(null);
        // It is not on its way any more.
        Method end = type.getSuperclass().getSuperclass().getMethod("setExpectContent", boolean.class);
        end.setAccessible(true);
        end.invoke(used, false);
        recycle.invoke(used);
        recycle.invoke(used);
        Object next = create.invoke(null);
        return next == create.invoke(null);
    }

    /** SMALL_PARAMETERS. */
    @Test
    void parametersTakeRoomWhenThereAreSome() throws Exception {
        String type = "org.glassfish.grizzly.http.util.Parameters";
        assertThat(room(make(stock, type))).as("what Payara brings").isGreaterThan(1_000);
        assertThat(room(make(changed, type))).as("what the build makes of it").isLessThan(200);
    }

    /** SMALL_HEADERS. */
    @Test
    void headersTakeRoomWhenThereAreSome() throws Exception {
        assertThat(header(stock)).as("what Payara brings").isGreaterThan(256);
        assertThat(header(changed)).as("what the build makes of it").isLessThan(100);
    }

    private static int header(ClassLoader jars) throws Exception {
        Object packet = make(jars, REQUEST);
        Field buffer =
                jars.loadClass("org.glassfish.grizzly.http.HttpHeader").getDeclaredField("tmpHeaderEncodingBuffer");
        buffer.setAccessible(true);
        return Array.getLength(buffer.get(packet));
    }

    /** SMALL_BUFFERS. */
    @Test
    void aServletMayAskForASmallBuffer() throws Exception {
        assertThat(bufferAskedFor(stock, 600)).as("what Payara brings").isGreaterThan(4_000);
        assertThat(bufferAskedFor(changed, 600))
                .as("what the build makes of it")
                .isEqualTo(600);
    }

    private static int bufferAskedFor(ClassLoader jars, int size) throws Exception {
        Class<?> type = jars.loadClass("org.apache.catalina.connector.OutputBuffer");
        Object buffer = type.getConstructor().newInstance();
        Object beneath = make(jars, "org.glassfish.grizzly.http.io.OutputBuffer");
        Field field = type.getDeclaredField("grizzlyOutputBuffer");
        field.setAccessible(true);
        field.set(buffer, beneath);
        type.getMethod("setBufferSize", int.class).invoke(buffer, size);
        return (int) beneath.getClass().getMethod("getBufferSize").invoke(beneath);
    }

    /** Tyrus 2.2 in place of Payara's own. */
    @Test
    void payaraBringsATyrusThatSchedulesATimerForEachMessage() throws Exception {
        try (JarFile tyrus = new JarFile(stockJars.resolve("tyrus-core.jar").toFile())) {
            assertThat(tyrus.getManifest().getMainAttributes().getValue("Bundle-Version"))
                    .startsWith("2.1.");
        }
    }

    private static Object make(ClassLoader jars, String type) throws Exception {
        Constructor<?> constructor = jars.loadClass(type).getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }

    /** How many elements the arrays have that an object and its own parts hold. */
    private static int room(Object object) throws Exception {
        int room = 0;
        for (Class<?> type = object.getClass(); type != null && type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) || field.getType().isPrimitive()) {
                    continue;
                }
                if (field.getType().isArray() || field.getType().getName().startsWith("org.glassfish.grizzly.")) {
                    field.setAccessible(true);
                    Object part = field.get(object);
                    room += part == null ? 0 : field.getType().isArray() ? Array.getLength(part) : room(part);
                }
            }
        }
        return room;
    }
}
