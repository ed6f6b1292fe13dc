package org.draugar.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.draugar.family.FamilyId;
import org.draugar.family.InviteId;
import org.draugar.family.InviteMade;
import org.draugar.family.MemberId;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.support.Database;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AuditLogTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Database.class)
    void eachFamilyKeepsItsLastThousandEntries(Database database) {
        Store store = new Store(Settings.from(database.createWithTables(folder)::get));
        try {
            AuditLog log = new AuditLog(store);
            FamilyId one = FamilyId.random();
            FamilyId other = FamilyId.random();
            log.made(new InviteMade(other, InviteId.random(), MemberId.random()));
            store.jdbi().useHandle(handle -> {
                PreparedBatch batch = handle.prepareBatch("insert into audit_log (at, family_id, event, invite_id)"
                        + " values (current_timestamp, :family, 'invite-made', :invite)");
                for (int i = 0; i < 1_009; i++) {
                    batch.bind("family", one.value()).bind("invite", i).add();
                }
                batch.execute();
            });
            log.made(new InviteMade(one, new InviteId(1_009), MemberId.random()));
            assertThat(log.list(one, Long.MAX_VALUE, 5_000))
                    .hasSize(1_000)
                    .first()
                    .extracting(Entry::invite)
                    .isEqualTo(new InviteId(1_009));
            assertThat(log.list(other, Long.MAX_VALUE, 5_000)).hasSize(1);
            assertThat(log.list(null, Long.MAX_VALUE, 5_000)).hasSize(1_001);
        } finally {
            store.close();
        }
    }
}
