package org.draugar.http;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.core.Response;
import java.io.IOException;

/** Takes the place of the container's own error page, which is HTML everywhere and says which server this is. */
@WebServlet("/error")
public class ErrorServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) {
        int status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer failed ? failed : 404;
        Response.Status known = Response.Status.fromStatusCode(status);
        try {
            Refusal.send(response, status, known == null ? "Error " + status : known.getReasonPhrase());
        } catch (IOException e) {
            // The peer has hung up: there is nobody left to answer.
        }
    }
}
