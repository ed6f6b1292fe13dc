package org.draugar.http;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Gives every error the one shape {@code {"error":true,"message","statusCode"}}. */
@Provider
public class ProblemMapper implements ExceptionMapper<Throwable> {
    private static final Logger LOG = System.getLogger(ProblemMapper.class.getName());

    /** The body of an error. */
    public record ErrorView(boolean error, String message, int statusCode) {}

    @Override
    public Response toResponse(Throwable thrown) {
        if (thrown instanceof Problem problem) {
            Response.ResponseBuilder response = response(problem.status(), problem.getMessage());
            problem.retryAfter().ifPresent(wait -> response.header("Retry-After", wait.toSeconds()));
            if (problem.status() == 401) {
                response.header("WWW-Authenticate", "Bearer");
                // Of a browser that has been signed out: which parts of the map it keeps tells where people were.
                response.header("Clear-Site-Data", "\"cache\"");
            }
            return response.build();
        }
        if (thrown instanceof WebApplicationException refused) {
            Response.StatusType status = refused.getResponse().getStatusInfo();
            return Response.fromResponse(refused.getResponse())
                    .type(MediaType.APPLICATION_JSON)
                    .entity(new ErrorView(true, status.getReasonPhrase(), status.getStatusCode()))
                    .build();
        }
        LOG.log(Level.ERROR, "A request failed", thrown);
        return response(500, "Something went wrong on the server; its log says what")
                .build();
    }

    private static Response.ResponseBuilder response(int status, String message) {
        return Response.status(status).type(MediaType.APPLICATION_JSON).entity(new ErrorView(true, message, status));
    }
}
