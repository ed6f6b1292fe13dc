package org.draugar.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.draugar.http.Problem;
import org.junit.jupiter.api.Test;

/** What waits for the store is done once, in order, whatever goes wrong in between. */
class InOrderTest {
    private final Queue<Runnable> background = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();
    private final InOrder<String> inOrder = new InOrder<>(3);

    @Test
    void workThatFailsHoldsUpNothingBehindIt() {
        inOrder.start(background::add);
        inOrder.await("anna", () -> {
            throw new StackOverflowError("on purpose");
        });
        assertThat(inOrder.join("anna", () -> {
                    throw new IllegalStateException("on purpose");
                }))
                .isTrue();
        assertThat(inOrder.join("anna", () -> done.add("last"))).isTrue();
        background.remove().run();
        assertThat(done).containsExactly("last");
        assertThat(inOrder.join("anna", () -> done.add("at once"))).isFalse();
    }

    @Test
    void whatNoThreadTakesAnyMoreIsDoneAllTheSame() {
        inOrder.start(work -> {
            throw new RejectedExecutionException();
        });
        inOrder.await("anna", () -> {
            assertThat(inOrder.join("anna", () -> done.add("second"))).isTrue();
            done.add("first");
        });
        assertThat(done).containsExactly("first", "second");
    }

    @Test
    void onePeersQueueIsBounded() {
        inOrder.start(background::add);
        for (int i = 0; i < 3; i++) {
            inOrder.await("anna", () -> done.add("anna"));
        }
        assertThatThrownBy(() -> inOrder.await("anna", () -> done.add("too much")))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(503));
        inOrder.await("bjorn", () -> done.add("bjorn"));
        background.forEach(Runnable::run);
        assertThat(done).containsExactly("anna", "anna", "anna", "bjorn");
    }
}
