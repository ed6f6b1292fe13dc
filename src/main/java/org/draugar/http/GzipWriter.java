package org.draugar.http;

import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.WriterInterceptor;
import jakarta.ws.rs.ext.WriterInterceptorContext;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/** Compresses {@link Gzip} answers (RFC 9110, 8.4.1.3). */
@Provider
@Gzip
public class GzipWriter implements WriterInterceptor {
    @Context
    private HttpHeaders asked;

    @Override
    public void aroundWriteTo(WriterInterceptorContext context) throws IOException {
        context.getHeaders().add(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        if (!accepted(asked.getHeaderString(HttpHeaders.ACCEPT_ENCODING))) {
            context.proceed();
            return;
        }
        context.getHeaders().putSingle(HttpHeaders.CONTENT_ENCODING, "gzip");
        GZIPOutputStream compressed = new GZIPOutputStream(context.getOutputStream());
        context.setOutputStream(compressed);
        context.proceed();
        compressed.finish();
    }

    /** Whether {@code Accept-Encoding} names gzip, and not with a weight of 0 (RFC 9110, 12.5.3). */
    static boolean accepted(String header) {
        return header != null
                && Arrays.stream(header.split(","))
                        .map(coding -> coding.replaceAll("\\s", ""))
                        .anyMatch(coding -> coding.matches("(?i)gzip(;q=(1.*|0?\\.0*[1-9].*))?"));
    }
}
