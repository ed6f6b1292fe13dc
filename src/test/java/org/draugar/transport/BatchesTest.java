package org.draugar.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BatchesTest {
    private static final int PATIENCE_SECONDS = 20;

    private final Flusher flusher = new Flusher();
    private final Batches batches = new Batches(flusher);

    @BeforeEach
    void start() {
        flusher.start(Thread::new);
    }

    @AfterEach
    void stop() {
        flusher.stop();
    }

    @Test
    void tellsAfterEverythingIsSent() {
        List<String> done = new ArrayList<>();
        batches.together(() -> {
            batches.execute(() -> done.add("told Anna's container"));
            batches.execute(() -> done.add("told Björn's container"));
            done.add("sent");
        });
        assertThat(done).containsExactly("sent", "told Anna's container", "told Björn's container");
    }

    @Test
    void leavesToTheFlusherWhatNobodyIsAboutToTell() throws InterruptedException {
        AtomicReference<Thread> teller = new AtomicReference<>();
        CountDownLatch told = new CountDownLatch(1);
        batches.execute(() -> {
            teller.set(Thread.currentThread());
            told.countDown();
        });
        assertThat(told.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(teller.get().getName()).isEqualTo("draugar-flusher");
    }

    @Test
    void goesBackToReadingWhenThereIsMuchToTell() throws InterruptedException {
        int many = 1000;
        CountDownLatch told = new CountDownLatch(many);
        List<Thread> tellers = new ArrayList<>();
        batches.together(() -> {
            for (int i = 0; i < many; i++) {
                batches.execute(() -> {
                    tellers.add(Thread.currentThread());
                    told.countDown();
                });
            }
        });
        assertThat(told.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(tellers.stream().filter(Thread.currentThread()::equals).count())
                .isBetween(1L, 100L);
    }

    @Test
    void forgetsNobodyWhenManyComeAtOnce() throws InterruptedException {
        int each = 50_000;
        List<Thread> senders = new ArrayList<>();
        CountDownLatch told = new CountDownLatch(4 * 2 * each);
        for (int i = 0; i < 4; i++) {
            Thread sender = new Thread(() -> {
                for (int j = 0; j < each; j++) {
                    batches.together(() -> batches.execute(told::countDown));
                    // An answer, which is sent outside.
                    batches.execute(told::countDown);
                }
            });
            senders.add(sender);
            sender.start();
        }
        for (Thread sender : senders) {
            sender.join();
        }
        assertThat(told.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("none of %d is left", told.getCount())
                .isTrue();
    }
}
