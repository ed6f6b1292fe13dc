package org.draugar.http;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Takes the place of the container's own error page, which is HTML everywhere and says which server this is. A browser
 * that opens an address gets a page for people; programs, and everybody under {@code /api}, get JSON.
 */
@WebServlet("/error")
public class ErrorServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private transient String page;

    @Override
    public void init() throws ServletException {
        try (InputStream in = getServletContext().getResourceAsStream("/WEB-INF/error.html")) {
            page = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("{root}", getServletContext().getContextPath() + "/");
        } catch (IOException e) {
            throw new ServletException(e);
        }
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) {
        int status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer failed ? failed : 404;
        try {
            if (isForPeople(request)) {
                send(response, status);
            } else {
                Response.Status known = Response.Status.fromStatusCode(status);
                Refusal.send(response, status, known == null ? "Error " + status : known.getReasonPhrase());
            }
        } catch (IOException e) {
            // The peer has hung up: there is nobody left to answer.
        }
    }

    private static boolean isForPeople(HttpServletRequest request) {
        String accept = request.getHeader("Accept");
        Object uri = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        return accept != null
                && accept.contains("text/html")
                && request.getMethod().equals("GET")
                && uri instanceof String path
                && !path.startsWith(request.getContextPath() + "/api/");
    }

    private void send(HttpServletResponse response, int status) throws IOException {
        boolean ours = status >= 500;
        byte[] body = page.replace("{title}", ours ? "Draugar cannot answer right now" : "Nothing is here")
                .replace(
                        "{text}",
                        ours
                                ? "This page tries again in five seconds."
                                : "The address may be mistyped, or what was there is gone.")
                .replace("{again}", ours ? "<meta http-equiv=\"refresh\" content=\"5\">" : "")
                .getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType("text/html;charset=UTF-8");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
        response.flushBuffer();
    }
}
