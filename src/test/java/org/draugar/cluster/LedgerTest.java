package org.draugar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.draugar.cluster.Ledger.Id;
import org.draugar.cluster.Ledger.Placed;
import org.draugar.cluster.Ledger.Subscriber;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A ledger that finds nothing proves nothing: each fault, planted in books that are right otherwise, is found. */
class LedgerTest {
    private static final int COUNT = 20;

    private final Ledger ledger = new Ledger();
    /** What is right. */
    private final List<Placed> stream = new ArrayList<>();

    @BeforeEach
    void send() {
        for (int i = 1; i <= COUNT; i++) {
            Id id = new Id("Anna", i);
            ledger.sent(id);
            ledger.acknowledged(id);
            stream.add(new Placed(1000 + i, id));
        }
    }

    @Test
    void booksThatAreRightHaveNoFault() {
        hear(stream);
        // Who came later has no claim to what was before.
        hear(stream.subList(5, COUNT));
        // What was not acknowledged may be there or not.
        ledger.sent(new Id("Anna", COUNT + 1));
        ledger.stored("family", stream);
        ledger.online("family", "Anna", Set.of("Anna", "Björn"));
        ledger.online("family", "Björn", Set.of("Björn", "Anna"));
        assertThat(ledger.audit()).isEmpty();
        assertThat(ledger.acknowledgedCount()).isEqualTo(COUNT);
        assertThat(ledger.heardCount()).isEqualTo(2 * COUNT - 5);
    }

    @Test
    void whatWasAcknowledgedAndIsGoneIsFound() {
        ledger.stored("family", without(7));
        assertFault("acknowledged and not stored");
    }

    @Test
    void whatNobodySentIsFound() {
        stream.add(new Placed(2000, new Id("Eve", 1)));
        ledger.stored("family", stream);
        assertFault("stored and never sent");
    }

    @Test
    void whatIsStoredTwiceIsFound() {
        stream.add(new Placed(2000, stream.get(3).id()));
        ledger.stored("family", stream);
        assertFault("stored twice");
    }

    @Test
    void whatWasMissedInTheMiddleIsFound() {
        hear(without(7));
        ledger.stored("family", stream);
        assertFault("stored and not heard");
    }

    @Test
    void whatWasMissedAtTheEndIsFound() {
        hear(without(COUNT - 1));
        ledger.stored("family", stream);
        assertFault("stored and not heard");
    }

    @Test
    void whatWasHeardTwiceIsFoundAlsoInAnotherPlace() {
        List<Placed> heard = new ArrayList<>(stream);
        heard.add(stream.get(COUNT - 1));
        hear(heard);
        ledger.stored("family", stream);
        assertFault("heard twice");
    }

    @Test
    void whatComesOutOfOrderIsFound() {
        List<Placed> heard = new ArrayList<>(stream);
        Collections.swap(heard, 4, 5);
        hear(heard);
        ledger.stored("family", stream);
        assertFault("heard out of order");
    }

    @Test
    void whatWasToldAndNeverKeptIsFound() {
        Id lost = new Id("Anna", COUNT + 1);
        ledger.sent(lost);
        stream.add(new Placed(2000, lost));
        hear(stream);
        ledger.stored("family", without(COUNT));
        assertFault("heard and not stored");
    }

    @Test
    void twoOrdersOfOneStreamAreFound() {
        hear(stream);
        stream.set(7, new Placed(1007, stream.get(7).id()));
        stream.set(6, new Placed(1008, stream.get(6).id()));
        Collections.swap(stream, 6, 7);
        ledger.stored("family", stream);
        assertFault("heard in another place than stored");
    }

    @Test
    void aGapThatWasToldIsFound() {
        hear(stream).missed();
        ledger.stored("family", stream);
        assertFault("gaps told to a subscriber");
    }

    @Test
    void presenceThatDiffersIsFound() {
        ledger.online("family", "Anna", Set.of("Anna"));
        ledger.online("family", "Björn", Set.of("Björn", "Anna"));
        ledger.stored("family", stream);
        assertFault("presence seen differently");
    }

    private List<Placed> without(int index) {
        List<Placed> less = new ArrayList<>(stream);
        less.remove(index);
        return less;
    }

    private Subscriber hear(List<Placed> positions) {
        Subscriber subscriber = ledger.subscriber("Björn", "family");
        positions.forEach(subscriber::heard);
        return subscriber;
    }

    private void assertFault(String kind) {
        assertThat(ledger.audit()).singleElement().asString().startsWith(kind + ": ");
    }
}
