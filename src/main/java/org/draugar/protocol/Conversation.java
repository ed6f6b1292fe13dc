package org.draugar.protocol;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.websocket.DecodeException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.draugar.delivery.Connection;
import org.draugar.delivery.Hub;
import org.draugar.http.Problem;
import org.draugar.location.LocationSharing;
import org.draugar.location.Outcome;
import org.draugar.monitoring.Metrics;
import org.draugar.protocol.ClientMessage.LocationSubscribe;
import org.draugar.protocol.ClientMessage.LocationUnsubscribe;
import org.draugar.protocol.ClientMessage.LocationUpdate;
import org.draugar.protocol.ClientMessage.Ping;
import org.draugar.protocol.ServerMessage.Ack;
import org.draugar.protocol.ServerMessage.ErrorMessage;
import org.draugar.protocol.ServerMessage.Pong;
import org.draugar.store.InOrder;
import org.draugar.stream.Envelope;

/** Turns what a client says into calls of the features, and their outcome into answers. Thread-safe. */
@Singleton
public class Conversation {
    private static final Problem NOT_STORED = new Problem(503, "It could not be stored; send it again later");
    private static final Envelope PONG = reply(new Pong());

    private final LocationSharing sharing;
    private final Hub hub;
    /** As many messages of one connection wait for the store at most; it sends more when that answers. */
    private final InOrder<Connection> inOrder = new InOrder<>(200);

    private final ClientMessageDecoder decoder = new ClientMessageDecoder();

    @Inject
    Conversation(LocationSharing sharing, Hub hub) {
        this.sharing = sharing;
        this.hub = hub;
    }

    /**
     * To be called once.
     *
     * @param background where messages wait for the store
     */
    public void start(Executor background) {
        inOrder.start(background);
    }

    /** Hears a message in the native format. A bad one is answered with what is wrong with it. */
    public void hear(Connection connection, String text) {
        Consumer<ServerMessage> reply = answer -> connection.reply(reply(answer));
        inTurn(
                connection,
                refused -> refuse(connection, text, refused),
                inTurn -> hear(connection, text, reply, inTurn));
    }

    /** Says which position it is that found no room: without its id, its sender would not send it again. */
    private void refuse(Connection connection, String text, ServerMessage refused) {
        try {
            if (refused instanceof ErrorMessage error
                    && decoder.decode(text) instanceof LocationUpdate update
                    && update.id() != null) {
                connection.answer(reply(new ErrorMessage(error.code(), error.message(), update.id())));
                return;
            }
        } catch (DecodeException e) {
            // It is refused either way.
        }
        connection.reply(reply(refused));
    }

    private void hear(Connection connection, String text, Consumer<ServerMessage> reply, boolean inTurn) {
        try {
            ClientMessage message = decoder.decode(text);
            if (message instanceof LocationUpdate update) {
                if (connection.readsAnswers()) {
                    update(connection, update, update.id() != null, answer -> connection.answer(reply(answer)));
                }
                return;
            }
            if (message instanceof LocationSubscribe subscribe) {
                subscribe(connection, subscribe.since(), inTurn);
            } else if (message instanceof LocationUnsubscribe) {
                hub.unsubscribe(connection);
            } else if (message instanceof Ping) {
                connection.reply(PONG);
            }
            connection.judge(true);
        } catch (DecodeException e) {
            bad(connection, e.getMessage(), reply);
        }
    }

    /**
     * Hears a position.
     *
     * @param text a JSON object
     * @param acknowledge whether an answer is wanted in any case, or only where the position has an id
     * @param answer told an {@link Ack} when it is safely stored, or an {@link ErrorMessage}
     */
    public void update(Connection connection, String text, boolean acknowledge, Consumer<ServerMessage> answer) {
        inTurn(connection, answer, inTurn -> {
            try {
                LocationUpdate update = decoder.decodeUpdate(text);
                update(connection, update, acknowledge || update.id() != null, answer);
            } catch (DecodeException e) {
                bad(connection, e.getMessage(), answer);
            }
        });
    }

    /**
     * Does something at once, or, while the connection waits for the store, behind what it waits for.
     *
     * @param work told whether it waited, and then may wait for the store itself
     */
    private void inTurn(Connection connection, Consumer<ServerMessage> answer, Consumer<Boolean> work) {
        try {
            if (!inOrder.join(connection, () -> work.accept(true))) {
                work.accept(false);
            }
        } catch (Problem problem) {
            answer.accept(new ErrorMessage("unavailable", problem.getMessage(), null));
        }
    }

    /**
     * Answers a message that cannot be made sense of.
     *
     * @param wrong says what is wrong with it, for people
     */
    public void bad(Connection connection, String wrong, Consumer<ServerMessage> answer) {
        Metrics.refused(Metrics.Refused.INVALID);
        answer.accept(new ErrorMessage("bad-message", wrong, null));
        connection.judge(false);
    }

    /** A message as an event for one connection. */
    public static Envelope reply(ServerMessage message) {
        return Envelope.reply(message.type(), ServerMessageEncoder.payload(message));
    }

    /** Ends the stream. */
    public void unsubscribe(Connection connection) {
        inTurn(connection, answer -> connection.reply(reply(answer)), inTurn -> hub.unsubscribe(connection));
    }

    /** Starts the stream, with {@code since} as in {@link LocationSubscribe}. */
    public void subscribe(Connection connection, Long since) {
        inTurn(connection, answer -> connection.reply(reply(answer)), inTurn -> subscribe(connection, since, inTurn));
    }

    private void subscribe(Connection connection, Long since, boolean mayWait) {
        if (mayWait || since != null || hub.isLoaded(connection)) {
            hub.subscribe(connection, since);
        } else {
            inOrder.await(connection, () -> hub.subscribe(connection, null));
        }
    }

    private void update(
            Connection connection, LocationUpdate update, boolean acknowledge, Consumer<ServerMessage> answer) {
        try {
            var shared = sharing.share(connection.caller(), update.id(), update.report(), connection.openedAt());
            // Who asks for no answer is not told "paused" each time either: user:paused has told them.
            if (acknowledge) {
                shared.whenComplete((outcome, failure) -> answer.accept(
                        failure != null
                                ? refusal(update, Problem.in(failure).orElse(NOT_STORED))
                                : outcome == Outcome.PAUSED
                                        ? new ErrorMessage("paused", Outcome.PAUSED_WORDS, update.id())
                                        : new Ack(update.id())));
            }
            connection.judge(true);
        } catch (Problem problem) {
            answer.accept(refusal(update, problem));
            connection.judge(problem.isTemporary());
        }
    }

    private static ErrorMessage refusal(LocationUpdate update, Problem problem) {
        Metrics.answered(problem.status());
        return new ErrorMessage(
                problem.isTemporary() ? "unavailable" : "bad-message", problem.getMessage(), update.id());
    }
}
