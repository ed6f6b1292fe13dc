package org.draugar.homeassistant;

import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.draugar.location.Fix;

/**
 * One member's positions on their way to one webhook: one at a time, and only the newest waits, because Home Assistant
 * wants to know where somebody is, not where they were. What does not arrive is tried again, a little later each time,
 * until a newer one takes its place. Thread-safe.
 */
final class Delivery {
    private static final Duration FIRST_WAIT = Duration.ofSeconds(2);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    private final URI url;
    private final Courier courier;
    private final Predicate<Fix> mayGo;
    private final Consumer<String> told;

    /** Guarded by this, as all that follow. */
    private Fix newest;

    private Fix waiting;
    private boolean busy;
    private boolean stopped;
    private Duration wait = FIRST_WAIT;
    private String trouble;

    /**
     * @param mayGo asked right before a position goes: its owner may have paused since
     * @param told told why it does not work, or null when it does again
     */
    Delivery(URI url, Courier courier, Predicate<Fix> mayGo, Consumer<String> told) {
        this.url = url;
        this.courier = courier;
        this.mayGo = mayGo;
        this.told = told;
    }

    /** Sends a position, if it is newer than all before it. Never waits. */
    void offer(Fix fix) {
        synchronized (this) {
            if (stopped || (newest != null && !fix.measuredAt().isAfter(newest.measuredAt()))) {
                return;
            }
            newest = fix;
            waiting = fix;
            if (busy) {
                return;
            }
            busy = true;
        }
        courier.soon(Duration.ZERO, this::send);
    }

    boolean isTo(String address) {
        return url.toString().equals(address);
    }

    synchronized void stop() {
        stopped = true;
        waiting = null;
    }

    private void send() {
        Fix next;
        synchronized (this) {
            next = waiting;
            waiting = null;
            if (next == null || !mayGo.test(next)) {
                busy = false;
                return;
            }
        }
        courier.post(url, next).whenComplete((status, failure) -> sent(next, failure == null ? status : 0));
    }

    private void sent(Fix fix, int status) {
        String news = trouble(status);
        boolean isNews;
        Duration pause;
        synchronized (this) {
            isNews = !java.util.Objects.equals(news, trouble);
            trouble = news;
            if (news == null) {
                wait = FIRST_WAIT;
                pause = Duration.ZERO;
            } else {
                if (status == 404 || status == 410) {
                    stopped = true;
                }
                pause = wait;
                wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait.multipliedBy(2);
                waiting = stopped ? null : waiting == null ? fix : waiting;
            }
        }
        courier.soon(pause, this::send);
        if (isNews) {
            told.accept(news);
        }
    }

    private static String trouble(int status) {
        if (status >= 200 && status < 300) {
            return null;
        }
        return switch (status) {
            case 0 -> "Home Assistant does not answer";
            case 404, 410 -> "Home Assistant no longer has this webhook: set it up again";
            default -> "Home Assistant answers with status " + status;
        };
    }
}
