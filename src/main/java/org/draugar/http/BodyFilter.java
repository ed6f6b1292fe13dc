package org.draugar.http;

import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.draugar.http.Bodies.Bound;

/**
 * Stands before everything under {@code /api}, behind the filter that knows who it is: resources get a body that is here
 * already. What strangers send is read only where they have something to say; anywhere else they have no body at all.
 * Servlets elsewhere ask {@link Bodies} themselves.
 */
public class BodyFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    /** What somebody may send who is nobody yet. */
    public static final Set<String> OPEN_TO_STRANGERS =
            Set.of("/api/auth/join", "/api/invites/validate", "/api/families");

    /** 500 positions with all their details. */
    private static final int MAX_BYTES = 256 * 1024;

    @Inject
    private transient Bodies bodies;

    @Inject
    private transient Uploads uploads;

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String path = request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo());
        if (!Bodies.isExpected(request)) {
            chain.doFilter(request, response);
        } else if (request.getUserPrincipal() != null) {
            String sender = request.getUserPrincipal().getName();
            if (path.endsWith("/imports") && request.getMethod().equals("POST")) {
                uploads.pass(request, response, sender, chain);
            } else if (bodies.take(request, response, new Bound(sender, MAX_BYTES))) {
                chain.doFilter(withBody(request), response);
            }
        } else if (OPEN_TO_STRANGERS.contains(path) && request.getMethod().equals("POST")) {
            if (bodies.take(request, response, Bound.STRANGER)) {
                chain.doFilter(withBody(request), response);
            }
        } else {
            chain.doFilter(new WithStream(request, InputStream.nullInputStream()), response);
        }
    }

    private static HttpServletRequest withBody(HttpServletRequest request) {
        return Bodies.of(request)
                .<HttpServletRequest>map(bytes -> new WithStream(request, new ByteArrayInputStream(bytes)))
                .orElse(request);
    }

    /** A request whose body is another stream. */
    static final class WithStream extends HttpServletRequestWrapper {
        private final ServletInputStream body;

        WithStream(HttpServletRequest request, InputStream body) {
            super(request);
            this.body = new Stream(body);
        }

        @Override
        public ServletInputStream getInputStream() {
            return body;
        }

        @Override
        public BufferedReader getReader() {
            return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        }
    }

    private static final class Stream extends ServletInputStream {
        private final InputStream in;
        private boolean finished;

        Stream(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            int read = in.read();
            finished = read < 0;
            return read;
        }

        @Override
        public int read(byte[] target, int start, int length) throws IOException {
            int count = in.read(target, start, length);
            finished = count < 0;
            return count;
        }

        @Override
        public int available() throws IOException {
            return in.available();
        }

        @Override
        public boolean isFinished() {
            return finished;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new IllegalStateException("It is here already: read it");
        }
    }
}
