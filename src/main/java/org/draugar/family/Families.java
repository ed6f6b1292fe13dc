package org.draugar.family;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.draugar.http.Problem;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The stored families, their members and invitations. Thread-safe. */
@Singleton
public class Families {
    /** As many as a family will need at a time, and few enough to look through. */
    private static final int MAX_OPEN_INVITES = 20;

    private final Store store;
    private final CodeKey key;

    @Inject
    Families(Store store, CodeKey key) {
        this.store = store;
        this.key = key;
    }

    /** Whether no family has been started yet. */
    public boolean isEmpty() {
        return store.jdbi().withHandle(Families::isEmpty);
    }

    private static boolean isEmpty(Handle handle) {
        return handle.createQuery("select id from family fetch first 1 row only")
                .mapTo(Long.class)
                .findOne()
                .isEmpty();
    }

    /**
     * Takes the right to start the first family, within the caller's transaction: of any number who try at once, one
     * gets it.
     */
    public boolean claimFirst(Handle handle) {
        handle.createQuery("select id from setup where id = 1 for update")
                .mapTo(Integer.class)
                .one();
        if (!isEmpty(handle)) {
            return false;
        }
        return true;
    }

    /** The code for the first start ends with it. */
    private static void markStarted(Handle handle) {
        handle.createUpdate("update setup set started_at = :now where id = 1")
                .bind("now", now())
                .execute();
    }

    /**
     * The code that starts the first family, while there is none: the same on each node, and after a restart, and another
     * one when a family was started since.
     *
     * @param set the operator's own, which counts until a family was started
     */
    public Optional<Code> setupCode(Optional<Code> set) {
        return store.jdbi()
                .withHandle(handle -> isEmpty(handle)
                        ? Optional.of(startedAt(handle)
                                .map(at -> key.derive("set-up after " + at.toEpochMilli()))
                                .orElseGet(() -> set.orElseGet(() -> key.derive("set-up"))))
                        : Optional.empty());
    }

    /** When a family was started last. */
    private static Optional<Instant> startedAt(Handle handle) {
        return handle.createQuery("select started_at from setup where started_at is not null")
                .mapTo(java.time.OffsetDateTime.class)
                .findOne()
                .map(java.time.OffsetDateTime::toInstant);
    }

    /** Adds a family without members. */
    public FamilyId add(Handle handle, String name) {
        FamilyId family = FamilyId.random();
        handle.createUpdate("insert into family (id, name, created_at) values (:id, :name, :now)")
                .bind("id", family.value())
                .bind("name", name)
                .bind("now", now())
                .execute();
        markStarted(handle);
        return family;
    }

    /** Adds a member. */
    public MemberId addMember(Handle handle, FamilyId family, String name, Role role) {
        MemberId member = MemberId.random();
        handle.createUpdate("insert into member (id, family_id, name, role, joined_at, colour)"
                        + " values (:id, :family, :name, :role, :now, :colour)")
                .bind("id", member.value())
                .bind("family", family.value())
                .bind("name", name)
                .bind("role", role.name())
                .bind("now", now())
                .bind("colour", freeColour(handle, family))
                .execute();
        return member;
    }

    /** The colour that the fewest of a family have. */
    private static int freeColour(Handle handle, FamilyId family) {
        int[] worn = new int[Member.COLOURS];
        handle.createQuery("select colour from member where family_id = :family")
                .bind("family", family.value())
                .mapTo(Integer.class)
                .forEach(colour -> worn[colour]++);
        return IntStream.range(0, worn.length)
                .boxed()
                .min(Comparator.comparing(colour -> worn[colour]))
                .orElseThrow();
    }

    /** The members of a family, in the order in which they joined. */
    public List<Member> members(FamilyId family) {
        return store.jdbi().withHandle(handle -> handle.createQuery(
                        "select id, name, role, joined_at, shown_in_apps, colour, emoji"
                                + " from member where family_id = :family order by joined_at, id")
                .bind("family", family.value())
                .map((row, context) -> member(row))
                .list());
    }

    /** The family of a member; empty where they are none any more. */
    public Optional<FamilyId> familyOf(MemberId member) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select family_id from member where id = :member")
                .bind("member", member.value())
                .mapTo(Long.class)
                .findOne()
                .map(FamilyId::new));
    }

    private static Member member(ResultSet row) throws SQLException {
        return new Member(
                new MemberId(row.getLong("id")),
                row.getString("name"),
                Role.valueOf(row.getString("role")),
                row.getObject("joined_at", java.time.OffsetDateTime.class).toInstant(),
                row.getBoolean("shown_in_apps"),
                row.getInt("colour"),
                row.getString("emoji"));
    }

    /** A family. */
    public Family family(FamilyId family) {
        return store.jdbi().withHandle(handle -> handle.createQuery(
                        "select name, history_hours, server_can_read from family where id = :id")
                .bind("id", family.value())
                .map((row, context) -> new Family(
                        family,
                        row.getString("name"),
                        Optional.ofNullable(row.getObject("history_hours", Long.class))
                                .map(Duration::ofHours),
                        row.getBoolean("server_can_read")))
                .one());
    }

    /**
     * Stores a family's name, its term, and who makes its group keys. When that changes, the next version of the key
     * begins, so that none made before is handed out any more, and the server forgets the one that it made.
     */
    public void update(Family family) {
        store.jdbi().useHandle(handle -> handle.createUpdate("update family set name = :name, history_hours = :hours,"
                        + " key_version = case when server_can_read = :read then key_version else key_version + 1 end,"
                        + " group_key = case when server_can_read = :read then group_key end,"
                        + " server_can_read = :read where id = :id")
                .bind("id", family.id().value())
                .bind("name", family.name())
                .bind("hours", family.history().map(Duration::toHours).orElse(null))
                .bind("read", family.serverCanRead())
                .execute());
    }

    /**
     * Stores a member's name, role and settings.
     *
     * @param by who changes it
     * @return what has become of them
     * @throws Problem 404 when there is no such member in the family, 409 when it would be left without an admin
     */
    public MemberChanged update(FamilyId family, MemberId member, MemberId by, UnaryOperator<Member> change) {
        return store.jdbi().inTransaction(handle -> {
            List<Member> members = lock(handle, family);
            Member before = find(members, member);
            Member after = change.apply(before);
            if (after.role() != Role.ADMIN) {
                requireOtherAdmin(members, before);
                handle.createUpdate("delete from invite"
                                + " where invited_by = :id and (for_member is null or for_member <> :id)"
                                + " and used_at is null")
                        .bind("id", member.value())
                        .execute();
            }
            handle.createUpdate("update member set name = :name, role = :role, shown_in_apps = :shown,"
                            + " colour = :colour, emoji = :emoji where id = :id")
                    .bind("id", member.value())
                    .bind("name", after.name())
                    .bind("role", after.role().name())
                    .bind("shown", after.shownInApps())
                    .bind("colour", after.colour())
                    .bind("emoji", after.emoji())
                    .execute();
            return new MemberChanged(family, before, after, by);
        });
    }

    /**
     * Deletes a member of this family with all that is theirs; the last one takes the family along. The last admin
     * stays while there are others: a family that nobody can invite to or clean up would be lost.
     *
     * @throws Problem 404 when there is no such member in the family, 409 for its last admin
     */
    public void removeMember(FamilyId family, MemberId member) {
        store.jdbi().useTransaction(handle -> {
            List<Member> members = lock(handle, family);
            Member leaving = find(members, member);
            if (members.size() > 1) {
                requireOtherAdmin(members, leaving);
            }
            handle.createUpdate("delete from member where id = :id")
                    .bind("id", member.value())
                    .execute();
            if (members.size() == 1) {
                handle.createUpdate("delete from family where id = :id")
                        .bind("id", family.value())
                        .execute();
                // Whatever code could have started the first one has been around for long.
                markStarted(handle);
            }
        });
    }

    /** Locks the family's members in one order: two admins who remove each other at once must not both succeed. */
    private static List<Member> lock(Handle handle, FamilyId family) {
        return handle.createQuery("select id, name, role, joined_at, shown_in_apps, colour, emoji from member"
                        + " where family_id = :family order by id for update")
                .bind("family", family.value())
                .map((row, context) -> member(row))
                .list();
    }

    private static Member find(List<Member> members, MemberId id) {
        return members.stream()
                .filter(member -> member.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new Problem(404, "There is no such member in your family"));
    }

    private static void requireOtherAdmin(List<Member> members, Member leaving) {
        boolean other = members.stream().anyMatch(m -> m.role() == Role.ADMIN && !m.id().equals(leaving.id()));
        if (leaving.role() == Role.ADMIN && !other) {
            throw new Problem(409, "The family needs an admin: make somebody else one first");
        }
    }

    /**
     * Stores an invitation. It lasts no longer than its maker may invite: it goes with their device, their role of an
     * admin, and themselves.
     *
     * @throws Problem 409 when the family has too many that are open, 403 when the caller may not invite any more
     */
    public InviteId addInvite(Caller caller, Code code, Instant expiresAt) {
        return store.jdbi().inTransaction(handle -> {
            Optional<Member> maker = lock(handle, caller.family()).stream()
                    .filter(member -> member.id().equals(caller.member()) && member.role() == Role.ADMIN)
                    .findFirst();
            // What nobody can join with is of no use any more.
            handle.createUpdate("delete from invite where family_id = :family"
                            + " and (used_at is not null or expires_at <= :now)")
                    .bind("family", caller.family().value())
                    .bind("now", now())
                    .execute();
            if (maker.isPresent() && openInvites(handle, caller.family()).size() >= MAX_OPEN_INVITES) {
                throw new Problem(409, "Your family has " + MAX_OPEN_INVITES + " open invitations: withdraw one first");
            }
            InviteId id = InviteId.random();
            int made = maker.isEmpty()
                    ? 0
                    : handle.createUpdate("insert into invite"
                                    + " (id, code_hash, family_id, invited_by, device_id, made_at, expires_at)"
                                    + " select :id, :hash, :family, d.member_id, d.id, :now, :expires"
                                    + " from device d where d.id = :device")
                            .bind("id", id.value())
                            .bind("hash", key.hash(code))
                            .bind("family", caller.family().value())
                            .bind("device", caller.device().value())
                            .bind("now", now())
                            .bind("expires", expiresAt.atOffset(ZoneOffset.UTC))
                            .execute();
            if (made == 0) {
                throw new Problem(403, Caller.ADMINS_ONLY);
            }
            return id;
        });
    }

    /** The invitations of a family that somebody may still join with, in the order in which they end. */
    public List<Invite> openInvites(FamilyId family) {
        return store.jdbi().withHandle(handle -> openInvites(handle, family));
    }

    private static List<Invite> openInvites(Handle handle, FamilyId family) {
        return handle.createQuery("select id, invited_by, made_at, expires_at from invite"
                        + " where family_id = :family and for_member is null and used_at is null and expires_at > :now"
                        + " order by expires_at, id")
                .bind("family", family.value())
                .bind("now", now())
                .map((row, context) -> new Invite(
                        new InviteId(row.getLong("id")),
                        new MemberId(row.getLong("invited_by")),
                        Optional.ofNullable(row.getObject("made_at", java.time.OffsetDateTime.class))
                                .map(java.time.OffsetDateTime::toInstant)
                                .orElse(null),
                        row.getObject("expires_at", java.time.OffsetDateTime.class)
                                .toInstant()))
                .list();
    }

    /**
     * Withdraws an invitation: nobody joins with it any more.
     *
     * @return whether it was there and open
     */
    public boolean removeInvite(FamilyId family, InviteId id) {
        return store.jdbi()
                .withHandle(handle -> handle.createUpdate("delete from invite where id = :id and family_id = :family"
                                        + " and used_at is null and expires_at > :now")
                                .bind("id", id.value())
                                .bind("family", family.value())
                                .bind("now", now())
                                .execute()
                        == 1);
    }

    /**
     * Stores a code that signs one more device of a member in. It takes the place of an earlier one that nobody has used,
     * and ends with the device that it was made on.
     *
     * @throws Problem 404 when there is no such member in the family
     */
    public void addDeviceCode(Caller caller, MemberId member, Code code, Instant expiresAt) {
        store.jdbi().useTransaction(handle -> {
            find(lock(handle, caller.family()), member);
            handle.createUpdate("delete from invite where for_member = :member and used_at is null")
                    .bind("member", member.value())
                    .execute();
            handle.createUpdate("insert into invite"
                            + " (id, code_hash, family_id, invited_by, for_member, device_id, made_at, expires_at)"
                            + " values (:id, :hash, :family, :by, :member, :device, :now, :expires)")
                    .bind("id", InviteId.random().value())
                    .bind("hash", key.hash(code))
                    .bind("family", caller.family().value())
                    .bind("by", caller.member().value())
                    .bind("member", member.value())
                    .bind("device", caller.device().value())
                    .bind("now", now())
                    .bind("expires", expiresAt.atOffset(ZoneOffset.UTC))
                    .execute();
        });
    }

    /**
     * What a code would open right now.
     *
     * @param member the name of the member whose new device it would sign in; empty for somebody new
     * @param first whether it starts the first family
     */
    public record Offer(Optional<String> member, boolean first) {}

    /** What a code would open right now; empty when it is unknown, used or expired. */
    public Optional<Offer> offer(Code code) {
        return store.jdbi().withHandle(handle -> handle.createQuery(
                        "select m.name from invite i left join member m on m.id = i.for_member"
                                + " where i.code_hash in (:hash, :before) and i.used_at is null and i.expires_at > :now")
                .bind("hash", key.hash(code))
                .bind("before", hashOfBefore(code))
                .bind("now", now())
                .map((row, context) -> new Offer(Optional.ofNullable(row.getString("name")), false))
                .findOne());
    }

    /**
     * What a code opened.
     *
     * @param member whose new device it signs in; empty for somebody new
     */
    public record Opened(InviteId invite, FamilyId family, Optional<MemberId> member) {}

    /**
     * Uses a code up, within the caller's transaction: of any number who try at once, one gets what it opens.
     *
     * @return empty when the code is unknown, used or expired
     */
    public Optional<Opened> useInvite(Handle handle, Code code) {
        int used = handle.createUpdate("update invite set used_at = :now"
                        + " where code_hash in (:hash, :before) and used_at is null and expires_at > :now")
                .bind("hash", key.hash(code))
                .bind("before", hashOfBefore(code))
                .bind("now", now())
                .execute();
        if (used == 0) {
            return Optional.empty();
        }
        return handle.createQuery("select id, family_id, for_member from invite where code_hash in (:hash, :before)")
                .bind("hash", key.hash(code))
                .bind("before", hashOfBefore(code))
                .map((row, context) -> new Opened(
                        new InviteId(row.getLong("id")),
                        new FamilyId(row.getLong("family_id")),
                        Optional.ofNullable(row.getObject("for_member", Long.class))
                                .map(MemberId::new)))
                .findOne();
    }

    /** A member's name, within the caller's transaction. */
    public String nameOf(Handle handle, MemberId member) {
        return handle.createQuery("select name from member where id = :id")
                .bind("id", member.value())
                .mapTo(String.class)
                .one();
    }

    /** Ends all invitations of all families, and makes a code for each member that signs a new device of theirs in. */
    public List<WayBack> replaceInvites(Instant expiresAt) {
        return store.jdbi().inTransaction(handle -> {
            handle.execute("delete from invite");
            List<WayBack> ways = new ArrayList<>();
            PreparedBatch batch =
                    handle.prepareBatch("insert into invite (id, code_hash, family_id, invited_by, for_member, made_at,"
                            + " expires_at) values (:id, :hash, :family, :member, :member, :now, :expires)");
            handle.createQuery("select m.id, m.name, m.role, m.joined_at, m.shown_in_apps, m.colour, m.emoji,"
                            + " m.family_id, f.name as family from member m join family f on f.id = m.family_id"
                            + " order by f.created_at, f.id, m.joined_at, m.id")
                    .map((row, context) -> {
                        WayBack way = new WayBack(row.getString("family"), member(row), Code.random(), expiresAt);
                        batch.bind("id", InviteId.random().value())
                                .bind("hash", key.hash(way.code()))
                                .bind("family", row.getLong("family_id"))
                                .bind("member", way.member().id().value())
                                .bind("now", now())
                                .bind("expires", expiresAt.atOffset(ZoneOffset.UTC))
                                .add();
                        return way;
                    })
                    .forEach(ways::add);
            if (!ways.isEmpty()) {
                batch.execute();
            }
            return ways;
        });
    }

    /** How an open invitation of an earlier version is stored; of a code that is none, how it is stored now. */
    private byte[] hashOfBefore(Code code) {
        return code.mayBeOfBefore() ? Code.sha256(code.text()) : key.hash(code);
    }

    private static java.time.OffsetDateTime now() {
        return Instant.now().atOffset(ZoneOffset.UTC);
    }
}
