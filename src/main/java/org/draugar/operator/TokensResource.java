package org.draugar.operator;

import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.draugar.identity.SigningOut;

/** Ends every token there is: for after a store was stolen, or an old one restored, which knows ended tokens again. */
@Path("tokens")
@Produces(MediaType.APPLICATION_JSON)
public class TokensResource {
    @Inject
    private OperatorKey key;

    @Inject
    private SigningOut signingOut;

    /** {@code {"family","userId","name","code","expiresAt"}}: the only time that the code is seen. */
    public record WayBackView(String family, String userId, String name, String code, Instant expiresAt) {}

    /**
     * Signs every device and tracker of every family out, and ends all invitations: {@code {"codes":[…]}}, one for each
     * member, which signs a new device of theirs in. 401 without the operator's key.
     */
    @DELETE
    public Map<String, List<WayBackView>> end(@HeaderParam("Authorization") String authorization) {
        key.require(authorization);
        return Map.of(
                "codes",
                signingOut.all().stream()
                        .map(way -> new WayBackView(
                                way.family(),
                                way.member().id().toString(),
                                way.member().name(),
                                way.code().text(),
                                way.expiresAt()))
                        .toList());
    }
}
