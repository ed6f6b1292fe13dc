package org.draugar.cluster;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.draugar.alerts.LocateRequested;
import org.draugar.delivery.Hub;
import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.family.DeviceRevoked;
import org.draugar.family.Families;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.Here;
import org.draugar.family.HistoryErased;
import org.draugar.family.Ids;
import org.draugar.family.Member;
import org.draugar.family.MemberChanged;
import org.draugar.family.MemberId;
import org.draugar.family.MemberRemoved;
import org.draugar.family.Pauses;
import org.draugar.homeassistant.WebhookChanged;
import org.draugar.homeassistant.Webhooks;
import org.draugar.http.Problem;
import org.draugar.identity.Devices;
import org.draugar.notifications.Notifications;
import org.draugar.places.Places;
import org.draugar.places.Visits;
import org.draugar.store.InOrder;
import org.draugar.stream.Nodes;
import org.draugar.trackers.TrackerChanged;
import org.draugar.trackers.TrackerSettingsChanged;
import org.draugar.trackers.Trackers;

/**
 * Announces this node's facts to the other nodes, and makes theirs come true here: they are fired as the same facts, after
 * what they are about was read again. Thread-safe.
 */
@Singleton
public class Cluster {
    private static final Logger LOG = System.getLogger(Cluster.class.getName());

    private final Nodes nodes;
    private final OnlineElsewhere onlineElsewhere;
    private final Hub hub;
    private final Families families;
    private final Devices devices;
    private final Pauses pauses;
    private final Trackers trackers;
    private final Webhooks webhooks;
    private final Places places;
    private final Visits visits;
    private final Notifications notifications;
    private final Event<FamilyEvent> facts;
    /** Everything in the order in which it was told; more than this is read again as a whole. */
    private final InOrder<Cluster> inOrder = new InOrder<>(5000);

    private volatile boolean missedTooMuch;

    @Inject
    Cluster(
            Nodes nodes,
            OnlineElsewhere onlineElsewhere,
            Hub hub,
            Families families,
            Devices devices,
            Pauses pauses,
            Trackers trackers,
            Webhooks webhooks,
            Places places,
            Visits visits,
            Notifications notifications,
            Event<FamilyEvent> facts) {
        this.nodes = nodes;
        this.onlineElsewhere = onlineElsewhere;
        this.hub = hub;
        this.families = families;
        this.devices = devices;
        this.pauses = pauses;
        this.trackers = trackers;
        this.webhooks = webhooks;
        this.places = places;
        this.visits = visits;
        this.notifications = notifications;
        this.facts = facts;
    }

    /**
     * To be called once, before the first connection.
     *
     * @param background where what others told is read from the store
     */
    public void start(Executor background) {
        inOrder.start(background);
        nodes.listen(this::hear, this::missed);
    }

    void announce(@Observes @Here FamilyEvent fact) {
        Announcement.of(fact).map(Announcement::toString).ifPresent(nodes::announce);
    }

    private void hear(String message) {
        List<String> words = List.of(message.split(" "));
        if (!onlineElsewhere.hear(words)) {
            Announcement.read(words).ifPresent(news -> later(() -> apply(news)));
        }
    }

    private void missed() {
        onlineElsewhere.missed();
        later(this::readAgain);
    }

    private void later(Runnable work) {
        try {
            inOrder.await(this, work);
        } catch (Problem full) {
            LOG.log(Level.WARNING, "Other nodes tell more than can be read; it is read again as a whole");
            missedTooMuch = true;
        }
    }

    /** To be run every second. */
    public void look() {
        onlineElsewhere.look();
        if (missedTooMuch) {
            missedTooMuch = false;
            later(this::readAgain);
        }
    }

    private void apply(Announcement news) {
        FamilyId family = news.family();
        MemberId member = news.member();
        switch (news.kind()) {
            case REMOVED -> facts.fire(new MemberRemoved(family, member, member));
            case CHANGED ->
                families.members(family).stream()
                        .filter(known -> known.id().equals(member))
                        .forEach(known -> facts.fire(new MemberChanged(family, known, known, member)));
            case REVOKED -> facts.fire(new DeviceRevoked(family, member, news.device(), null));
            case ERASED -> facts.fire(new HistoryErased(family, member, false));
            case PAUSED -> pauses.reread(member);
            case TRACKER -> {
                String[] state = news.text().split(" ", 2);
                facts.fire(new TrackerChanged(
                        family, member, news.device(), state[0], state.length > 1 ? state[1] : null));
            }
            case TRACKER_SETTINGS -> facts.fire(new TrackerSettingsChanged(family, member, news.device()));
            case WEBHOOK -> facts.fire(new WebhookChanged(family, member));
            case LOCATE -> {
                String[] who = news.text().split(" ", 2);
                MemberId.parse(who[0])
                        .ifPresent(
                                from -> facts.fire(new LocateRequested(family, member, from, news.device(), who[1])));
            }
            case PLACES -> places.reread();
            case WHEREABOUTS -> visits.reread(Optional.of(member));
            case NOTIFICATION ->
                Ids.parse(news.text()).flatMap(notifications::find).ifPresent(facts::fire);
        }
    }

    /** Reads everything again that others may have told meanwhile; once more later where the store does not answer. */
    private void readAgain() {
        try {
            pauses.reread();
            trackers.reread();
            webhooks.reread();
            places.reread();
            visits.reread(Optional.empty());
            hub.reload();
            Map<DeviceId, Caller> callers =
                    hub.callers().stream().collect(Collectors.toMap(Caller::device, Function.identity()));
            Set<DeviceId> signedIn = devices.signedIn(callers.keySet());
            Map<FamilyId, List<Member>> members = callers.values().stream()
                    .map(Caller::family)
                    .distinct()
                    .collect(Collectors.toMap(Function.identity(), families::members));
            members.forEach((family, all) ->
                    all.forEach(member -> facts.fire(new MemberChanged(family, member, member, member.id()))));
            callers.forEach((device, caller) -> {
                FamilyId family = caller.family();
                boolean isMember = members.get(family).stream()
                        .anyMatch(member -> member.id().equals(caller.member()));
                if (!isMember) {
                    facts.fire(new MemberRemoved(family, caller.member(), caller.member()));
                } else if (!signedIn.contains(device)) {
                    facts.fire(new DeviceRevoked(family, caller.member(), device, null));
                }
            });
        } catch (RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    "What other nodes told meanwhile could not be read; it is in a second: {0}",
                    e.getMessage());
            missedTooMuch = true;
        }
    }
}
