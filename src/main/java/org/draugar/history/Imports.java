package org.draugar.history;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.draugar.family.Caller;
import org.draugar.family.FamilyEvent;
import org.draugar.family.Here;
import org.draugar.family.MemberId;
import org.draugar.family.Pauses;
import org.draugar.formats.ImportReport;
import org.draugar.formats.Importer;
import org.draugar.formats.UnknownFormat;
import org.draugar.http.Problem;
import org.draugar.location.Backfill;
import org.draugar.location.Fix;
import org.draugar.location.PositionsAdded;

/** Takes in what members bring from elsewhere, and tells how far it has come. Thread-safe. */
@Singleton
public class Imports {
    private static final int BATCH = 5000;
    private static final int MAX_PER_MEMBER = 20;
    private static final int MAX_MEMBERS = 1000;

    private final Backfill backfill;
    private final Pauses pauses;
    private final Event<FamilyEvent> facts;
    /** The last imports of each member; for the progress, so only in memory. */
    private final Map<MemberId, Deque<Import>> last = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<MemberId, Deque<Import>> eldest) {
            return size() > MAX_MEMBERS;
        }
    };

    @Inject
    Imports(Backfill backfill, Pauses pauses, @Here Event<FamilyEvent> facts) {
        this.backfill = backfill;
        this.pauses = pauses;
        this.facts = facts;
    }

    /** The state of an import. */
    public enum Status {
        RUNNING,
        DONE,
        FAILED
    }

    /** One file on its way in. Thread-safe. */
    public static final class Import {
        private final String name;
        private final Instant startedAt = Instant.now();
        private Status status = Status.RUNNING;
        private long bytes;
        private long understood;
        private long added;
        private long known;
        private long tooOld;
        private long paused;
        private ImportReport report;
        private String message;

        private Import(String name) {
            this.name = name;
        }

        /** How far it has come. */
        public synchronized ImportView view() {
            return new ImportView(
                    name,
                    status.name().toLowerCase(java.util.Locale.ROOT),
                    startedAt,
                    bytes,
                    report == null ? null : report.format(),
                    report == null ? understood : report.understood(),
                    added,
                    known,
                    tooOld,
                    paused,
                    report == null ? List.of() : report.notUnderstood(),
                    message);
        }

        private synchronized void at(long bytesRead, long understoodSoFar) {
            bytes = bytesRead;
            understood = understoodSoFar;
        }

        private synchronized void stored(int news, int before) {
            added += news;
            known += before;
        }

        private synchronized void tooOld() {
            tooOld++;
        }

        private synchronized void paused() {
            paused++;
        }

        private synchronized void end(Status how, ImportReport what, String why) {
            status = how;
            report = what;
            message = why;
        }
    }

    /**
     * An import as its owner sees it.
     *
     * @param name the file's name, as it was given
     * @param status {@code running}, {@code done} or {@code failed}
     * @param bytes read so far
     * @param format what the file is, once it is read
     * @param understood positions found so far
     * @param added of these, how many are new
     * @param known of these, how many were there before, or twice in the file
     * @param tooOld of these, how many are older than the family keeps
     * @param paused of these, how many were measured during a pause
     * @param notUnderstood the rest of the file, by kind
     * @param message why it failed, or null
     */
    public record ImportView(
            String name,
            String status,
            Instant startedAt,
            long bytes,
            String format,
            long understood,
            long added,
            long known,
            long tooOld,
            long paused,
            List<ImportReport.NotUnderstood> notUnderstood,
            String message) {}

    /** The caller's imports, the last one first. */
    List<ImportView> list(MemberId member) {
        synchronized (last) {
            return last.getOrDefault(member, new ArrayDeque<>()).stream()
                    .map(Import::view)
                    .toList();
        }
    }

    /**
     * Reads a file to its end and keeps what is in it.
     *
     * @param term how long the family keeps positions
     * @throws Problem 400 when it is no file that can be read
     */
    ImportView run(Caller caller, String name, InputStream file, Duration term) {
        Import running = new Import(name);
        synchronized (last) {
            Deque<Import> imports = last.computeIfAbsent(caller.member(), m -> new ArrayDeque<>());
            imports.addFirst(running);
            if (imports.size() > MAX_PER_MEMBER) {
                imports.removeLast();
            }
        }
        Batch batch = new Batch(caller, running, Instant.now().minus(term));
        try {
            ImportReport report = Importer.read(file, batch::add, running::at);
            batch.store();
            running.end(Status.DONE, report, null);
            return running.view();
        } catch (UnknownFormat e) {
            running.end(Status.FAILED, null, e.getMessage());
            throw new Problem(400, e.getMessage());
        } catch (IOException e) {
            running.end(Status.FAILED, null, "The file did not arrive in full; what had arrived is kept");
            throw new Problem(400, "The file did not arrive in full; what had arrived is kept");
        } catch (Problem problem) {
            running.end(Status.FAILED, null, problem.getMessage());
            throw problem;
        } catch (RuntimeException e) {
            running.end(Status.FAILED, null, "It could not be stored; import it again, what is there is not doubled");
            throw e;
        } finally {
            batch.tell();
        }
    }

    /** Positions on their way to the store. */
    private final class Batch {
        private final Caller caller;
        private final Import running;
        private final Instant oldest;
        private final List<Fix> fixes = new ArrayList<>();
        private Instant first = Instant.MAX;

        Batch(Caller caller, Import running, Instant oldest) {
            this.caller = caller;
            this.running = running;
            this.oldest = oldest;
        }

        void add(Fix fix) {
            if (fix.measuredAt().isBefore(oldest)) {
                running.tooOld();
            } else if (pauses.cover(caller.member(), fix.measuredAt())) {
                running.paused();
            } else {
                fixes.add(fix);
            }
            if (fixes.size() >= BATCH) {
                store();
            }
        }

        /** Once for all, and also of what was there before: a server that was killed may have told nobody of it. */
        void tell() {
            if (first.isBefore(Instant.MAX)) {
                facts.fire(new PositionsAdded(caller.family(), caller.member(), first));
            }
        }

        void store() {
            for (Fix fix : fixes) {
                first = fix.measuredAt().isBefore(first) ? fix.measuredAt() : first;
            }
            int news = fixes.isEmpty() ? 0 : backfill.add(caller.family(), caller.member(), caller.device(), fixes);
            running.stored(news, fixes.size() - news);
            fixes.clear();
        }
    }
}
