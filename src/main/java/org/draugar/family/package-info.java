/**
 * Who belongs together: families, members, invitations, pauses, and the facts about them. Every other package names people
 * by the identifiers here, and nothing is ever looked up without its family.
 *
 * <p>Out of scope: who is calling ({@code identity}), where they are ({@code location}).
 */
package org.draugar.family;
