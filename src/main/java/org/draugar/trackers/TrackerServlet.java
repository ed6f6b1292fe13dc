package org.draugar.trackers;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.draugar.alarms.Alarms;
import org.draugar.family.Caller;
import org.draugar.http.Bodies;
import org.draugar.http.Bodies.Bound;
import org.draugar.http.Bodies.Refused;
import org.draugar.http.Deadlines;
import org.draugar.http.Problem;
import org.draugar.http.Refusal;
import org.draugar.location.Encrypted;
import org.draugar.location.Fix;
import org.draugar.location.LocationSharing;
import org.draugar.location.Outcome;
import org.draugar.location.Report;
import org.draugar.trackers.ParsedRequest.Alarm;
import org.draugar.transport.NonBlockingResponse;

/**
 * What the doors for trackers have in common: who it is, what it says, and an answer once that is stored. The answer
 * waits without holding a thread, so that trackers cost nobody live anything while the store hangs.
 */
abstract class TrackerServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = System.getLogger(TrackerServlet.class.getName());
    /** Where somebody has to look first. */
    private static final long RETRY_SECONDS = 300;

    private static final String LOST =
            "There are positions in it that could not be read; keep them, and look at the tracker in Draugar's page";
    private static final String AWAY = "It could not be stored; send it again later";

    @Inject
    private transient Trackers trackers;

    @Inject
    private transient Guard guard;

    @Inject
    private transient Bodies bodies;

    @Inject
    private transient Deadlines deadlines;

    @Inject
    private transient LocationSharing sharing;

    @Inject
    private transient Alarms alarms;

    @Resource
    private transient ManagedExecutorService executor;

    /** An answer that makes the app forget what it sent. */
    record Reply(String contentType, String body) {
        static final Reply EMPTY = new Reply("", "");
    }

    /** The secret that the message carries, a device token; empty when it carries none, or none before its body is here. */
    abstract Optional<String> secret(TrackerRequest message);

    /** The apps that report here: the secret of another one opens another door. */
    abstract Set<App> apps();

    /** Whether an app of this kind may have its secret nowhere else. */
    boolean mayHaveSecretInBody() {
        return false;
    }

    /** Refuses who is not known. */
    abstract void refuse(HttpServletResponse response) throws IOException;

    /** What a message says, and what is wrong with it. */
    abstract ParsedRequest read(TrackerRequest message);

    /** The answer to a message that is stored, or that could not be understood and is better not sent again. */
    abstract Reply reply(Caller caller, ParsedRequest reading);

    Trackers trackers() {
        return trackers;
    }

    /** Takes a message: first whose it is, as far as its head tells, then its body, which others may send a little of. */
    final void take(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            TrackerRequest head = new TrackerRequest(request);
            Optional<String> secret = secret(head);
            Optional<Caller> caller = guard.find(request, head, secret, apps());
            if (caller.isEmpty() && (secret.isPresent() || !mayHaveSecretInBody())) {
                refuse(response);
                return;
            }
            Bound bound = caller.map(known -> new Bound(known.getName(), TrackerRequest.MAX_BYTES))
                    .orElse(Bound.STRANGER);
            Optional<Refused> notHere = bodies.receive(request, response, bound);
            if (notHere.isPresent()) {
                lose(caller, notHere.get(), response);
                return;
            }
            TrackerRequest message = new TrackerRequest(request);
            if (caller.isEmpty()) {
                caller = guard.find(request, message, secret(message), apps());
            }
            if (caller.isPresent()) {
                take(caller.get(), message, request);
            } else {
                refuse(response);
            }
        } catch (Problem problem) {
            problem.retryAfter().ifPresent(wait -> response.setHeader("Retry-After", Long.toString(wait.toSeconds())));
            Refusal.send(response, problem.status(), problem.getMessage());
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "A tracker''s message could not be taken: {0}", e.toString());
            response.setHeader("Retry-After", "5");
            Refusal.send(response, 503, AWAY);
        }
    }

    /** Of a body that did not come in: a tracker that is known keeps what is in it, where 4xx would make some delete it. */
    private void lose(Optional<Caller> caller, Refused refused, HttpServletResponse response) throws IOException {
        if (refused.status() == 413) {
            ParsedRequest reading = ParsedRequest.ofNothing("The message is larger than "
                    + (TrackerRequest.MAX_BYTES >> 20) + " MB: let the app send fewer positions at once");
            caller.ifPresent(known -> trackers.heard(known, reading));
        }
        if (!response.containsHeader("Retry-After")) {
            response.setHeader("Retry-After", Long.toString(RETRY_SECONDS));
        }
        Refusal.send(response, caller.isPresent() ? 503 : refused.status(), refused.message());
    }

    private void take(Caller caller, TrackerRequest message, HttpServletRequest request) throws IOException {
        ParsedRequest found = read(message);
        // What cannot be understood will not be understood either when it comes again: it is noted, and answered well,
        // unless it is certain that there are positions in it. Not with 4xx then: some apps delete what is answered so.
        boolean lost = found.isUnknown() && message.namesCoordinates();
        ParsedRequest reading = found.isUnknown() && !lost && !message.isText()
                ? ParsedRequest.ofNothing("The message is no text in UTF-8: let the app send it as it is, not packed")
                : found;
        CompletableFuture<Void> stored = share(caller, reading);
        NonBlockingResponse answer = NonBlockingResponse.start(request, reason -> {});
        answer.listen();
        deadlines
                .guard(stored)
                .thenApplyAsync(
                        done -> {
                            trackers.heard(caller, reading);
                            return reply(caller, reading);
                        },
                        executor)
                .whenComplete((reply, failure) -> {
                    if (failure == null && lost) {
                        answer.head().setHeader("Retry-After", Long.toString(RETRY_SECONDS));
                        send(answer, 503, new Reply("application/json", Refusal.body(503, LOST)));
                    } else if (failure == null) {
                        send(answer, 200, reply);
                    } else {
                        Optional<Problem> problem = Problem.in(failure);
                        answer.head()
                                .setHeader(
                                        "Retry-After",
                                        Long.toString(problem.flatMap(Problem::retryAfter)
                                                .map(Duration::toSeconds)
                                                .orElse(5L)));
                        send(
                                answer,
                                503,
                                new Reply(
                                        "application/json",
                                        Refusal.body(
                                                503,
                                                problem.map(Problem::getMessage).orElse(AWAY))));
                    }
                });
    }

    /**
     * What its owner sends while they are paused is passed over, and is as good as stored for the app.
     *
     * @throws Problem 503 when there is no room for more: then all of it comes again, and is known by its ids
     */
    private CompletableFuture<Void> share(Caller caller, ParsedRequest reading) {
        List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        List<Report> taken = new ArrayList<>();
        for (Report report : reading.reports()) {
            share(caller, id(caller, report), report, reading).ifPresent(outcome -> {
                outcomes.add(outcome);
                taken.add(report);
            });
        }
        for (Alarm alarm : reading.alarms()) {
            alarm(caller, alarm, reading).ifPresent(outcomes::add);
        }
        return CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new))
                .handle((done, failure) -> {
                    for (int i = 0; i < outcomes.size(); i++) {
                        try {
                            Outcome outcome = outcomes.get(i).join();
                            if (i < taken.size()) {
                                reading.became(outcome, taken.get(i));
                            }
                        } catch (CompletionException e) {
                            note(reading, Problem.in(e).orElseThrow(() -> e));
                        }
                    }
                    return null;
                });
    }

    /**
     * What is wrong with one position is told to its owner.
     *
     * @throws Problem 503 when it may come again: OwnTracks on iOS would delete it at any other status
     */
    private static void note(ParsedRequest reading, Problem problem) {
        if (problem.isTemporary()) {
            throw new Problem(503, problem.getMessage(), problem.retryAfter().orElse(Duration.ofSeconds(5)));
        }
        reading.trouble(problem.getMessage());
    }

    /** Empty when it is in no order, which the reading notes. */
    private Optional<CompletableFuture<Outcome>> share(Caller caller, String id, Report report, ParsedRequest reading) {
        try {
            return Optional.of(sharing.share(caller, id, report).toCompletableFuture());
        } catch (Problem problem) {
            note(reading, problem);
            return Optional.empty();
        }
    }

    /**
     * Tells of an alarm without a place where its sender was last, as of then; where that is not known, with the place
     * that the device does not trust; and where there is none either, without one.
     */
    private Optional<CompletableFuture<Outcome>> alarm(Caller caller, Alarm alarm, ParsedRequest reading) {
        Optional<Fix> known = sharing.lastKnown(caller.member());
        Optional<Fix> place =
                known.isPresent() ? known : Optional.ofNullable(alarm.place()).filter(fix -> !fix.isNowhere());
        if (place.isEmpty()) {
            reading.trouble("An alarm came without a place, and nobody knows where you were before: the family was"
                    + " told of the alarm alone");
            return Optional.of(alarms.raise(caller, alarm.about(), alarm.at()));
        }
        reading.trouble("An alarm came without a place: the family was told where you were last");
        // To the minute: some apps send it again after a few seconds, and do not say when it was raised.
        String id = caller.device() + "-" + Long.toString(alarm.at().getEpochSecond() / 60, 36);
        return share(caller, id, place.get().withAlarm(alarm.about()), reading);
    }

    /**
     * The same device, time and place is the same point, to a centimetre. What the server cannot read has a nonce that
     * nothing else has.
     */
    private static String id(Caller caller, Report report) {
        if (report instanceof Fix fix) {
            long latitude = Math.round((fix.latitude() + 90) * 1e7);
            long longitude = Math.round((fix.longitude() + 180) * 1e7);
            return caller.device() + "-" + Long.toString(fix.measuredAt().toEpochMilli(), 36) + "-"
                    + Long.toString((latitude << 32) + longitude, 36);
        }
        return caller.device() + "-" + ((Encrypted) report).n();
    }

    private static void send(NonBlockingResponse answer, int status, Reply reply) {
        byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
        answer.head().setStatus(status);
        answer.head().setContentLength(bytes.length);
        if (bytes.length == 0) {
            answer.end("answered");
        } else {
            answer.head().setContentType(reply.contentType());
            answer.write(bytes, () -> answer.end("answered"));
        }
    }

    /** Asks for a name and a password. */
    static void askForPassword(HttpServletResponse response) throws IOException {
        response.setHeader("WWW-Authenticate", "Basic realm=\"Draugar\", charset=\"UTF-8\"");
        Refusal.send(response, 401, "This password is not known here: set the tracker up again");
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws IOException, jakarta.servlet.ServletException {
        if (methods().contains(request.getMethod())) {
            super.service(request, response);
        } else {
            response.setHeader("Allow", String.join(", ", methods()));
            Refusal.send(response, 405, "Method Not Allowed");
        }
    }

    /** The methods that the door takes. */
    abstract List<String> methods();
}
