package org.draugar.family;

import jakarta.ws.rs.core.SecurityContext;
import java.security.Principal;
import org.draugar.http.Problem;

/**
 * A verified member of a family on one of their devices: who a request or a connection acts for. It is made from a
 * device token alone, never from anything else that a peer says.
 *
 * @param memberName the member's name as the family sees it
 */
public record Caller(FamilyId family, MemberId member, DeviceId device, String memberName, Role role)
        implements Principal {
    static final String ADMINS_ONLY = "Only an admin of the family may do this";

    /**
     * The caller of a JAX-RS request that passed the authentication filter.
     *
     * @throws Problem 401 when nobody is signed in
     */
    public static Caller of(SecurityContext context) {
        if (context.getUserPrincipal() instanceof Caller caller) {
            return caller;
        }
        throw new Problem(401, "Authentication required");
    }

    /** Whether the caller may invite, and remove members and devices. */
    public boolean isAdmin() {
        return role == Role.ADMIN;
    }

    /** The same caller by the name and role that they have now. */
    public Caller as(Member member) {
        return new Caller(family, this.member, device, member.name(), member.role());
    }

    /** @throws Problem 403 when the caller is no admin */
    public void requireAdmin() {
        if (!isAdmin()) {
            throw new Problem(403, ADMINS_ONLY);
        }
    }

    /** The member's id: {@link Principal} asks for something printable, and names do not belong into logs. */
    @Override
    public String getName() {
        return member.toString();
    }
}
