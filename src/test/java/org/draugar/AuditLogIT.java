package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.draugar.support.Person;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.Test;

/** What happened about who may what is kept, for those whom it concerns, and says nothing else. */
@SharedServer
class AuditLogIT {
    private final Server server;
    private final ServerProcess process;

    AuditLogIT(Server server, ServerProcess process) {
        this.server = server;
        this.process = process;
    }

    @Test
    void anAdminSeesWhatHappenedInTheirFamily() {
        Person anna = server.startFamily("Annalísa");
        String invitation = server.post("/api/invites", anna, "").string("id");
        server.delete("/api/invites/" + invitation, anna);
        Person bjorn = server.join(anna, "Björgvin");
        server.patch("/api/users/" + bjorn.id(), anna, "{\"role\":\"admin\"}");
        server.patch("/api/users/" + bjorn.id(), anna, "{\"name\":\"Björgvin J.\"}");
        server.patch("/api/users/" + bjorn.id(), anna, "{\"role\":\"member\"}");
        Tracker tracker = Tracker.add(server, bjorn, "owntracks");
        server.delete("/api/devices/" + tracker.id(), anna);
        server.get("/api/users/" + bjorn.id() + "/export", bjorn);
        Person eve = server.join(anna, "Evlalía");
        server.delete("/api/users/" + eve.id(), anna);
        assertThat(server.get("/api/log", bjorn).status()).isEqualTo(403);
        server.delete("/api/users/" + bjorn.id(), bjorn);

        List<JsonObject> entries = entries(anna);
        assertThat(entries)
                .extracting(entry -> entry.getString("event"))
                .containsExactly(
                        "member-joined",
                        "invite-made",
                        "invite-withdrawn",
                        "invite-made",
                        "member-joined",
                        "admin-made",
                        "admin-unmade",
                        "device-added",
                        "device-removed",
                        "export-taken",
                        "invite-made",
                        "member-joined",
                        "member-removed",
                        "member-left");
        assertThat(entries.get(1).getString("inviteId")).isEqualTo(invitation);
        assertThat(entries.get(1).getString("by")).isEqualTo(anna.id());
        JsonObject joined = entries.get(4);
        assertThat(joined.getString("userId")).isEqualTo(bjorn.id());
        assertThat(joined.getString("inviteId")).isEqualTo(entries.get(3).getString("inviteId"));
        assertThat(entries.get(8).getString("deviceId")).isEqualTo(tracker.id());
        assertThat(entries.get(8).getString("by")).isEqualTo(anna.id());
        assertThat(entries.get(12).getString("by")).isEqualTo(anna.id());
        assertThat(entries.toString())
                .doesNotContain("Annalísa", "Björgvin", "Evlalía", anna.token(), bjorn.token(), tracker.secret());
        process.awaitLine("invite-withdrawn family=" + joined.getString("familyId") + " by=" + anna.id() + " invite="
                + invitation);
    }

    @Test
    void eachSeesTheirOwnFamilyAndTheOperatorEverything() throws IOException {
        Person anna = server.startFamily("Anna");
        Person eve = server.startFamily("Eve");
        assertThat(entries(anna)).hasSize(1);
        String annas = entries(anna).get(0).getString("familyId");
        assertThat(entries(eve)).noneMatch(entry -> entry.getString("familyId").equals(annas));

        server.get("/api/auth/me", new Person("nonsense", "", ""));
        server.post("/api/invites/validate", null, "{\"code\":\"AAAABBBBCC\"}");
        Person operator = new Person(
                Files.readString(process.data().resolve("operator.key")).strip(), "", "");
        List<JsonObject> all = entries(operator);
        assertThat(all).anyMatch(entry -> entry.getString("familyId", "").equals(annas));
        assertThat(all)
                .filteredOn(entry -> entry.getString("event").equals("secrets-refused"))
                .isNotEmpty()
                .allMatch(entry -> entry.getInt("times") >= 1 && !entry.containsKey("familyId"));
    }

    /** All of them, the oldest first. */
    private List<JsonObject> entries(Person person) {
        List<JsonObject> entries = new ArrayList<>();
        String path = "/api/log";
        while (path != null) {
            JsonObject page = server.get(path, person).json();
            entries.addAll(page.getJsonArray("entries").getValuesAs(JsonObject.class));
            path = page.getString("next", null);
        }
        Collections.reverse(entries);
        return entries;
    }
}
