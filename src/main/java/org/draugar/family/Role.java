package org.draugar.family;

/** What a member may do in the family: an admin invites, and removes members and devices. */
public enum Role {
    ADMIN,
    MEMBER
}
