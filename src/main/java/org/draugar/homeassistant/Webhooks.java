package org.draugar.homeassistant;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.Here;
import org.draugar.family.MemberId;
import org.draugar.family.MemberRemoved;
import org.draugar.family.Pauses;
import org.draugar.http.Problem;
import org.draugar.location.Fix;
import org.draugar.location.LocationShared;
import org.draugar.outbound.Outbound;
import org.draugar.settings.Origin;
import org.draugar.settings.Settings;
import org.draugar.store.Store;

/**
 * Where members have their positions sent to.
 *
 * <p>Threat: a server that posts to whatever address a member names reaches what the member cannot, the router's page or
 * a cloud's metadata (SSRF). So a webhook lies at an origin that {@code DRAUGAR_WEBHOOKS} names, none by default, under
 * {@code /api/webhook/}, and no redirect is followed. Thread-safe.
 */
@Singleton
public class Webhooks {
    private static final int MAX_URL = 512;

    private final Store store;
    private final Pauses pauses;
    private final Outbound outbound;
    private final Event<FamilyEvent> facts;
    private final Set<String> origins;
    private final Map<MemberId, Delivery> deliveries = new ConcurrentHashMap<>();
    private volatile Courier courier;

    @Inject
    Webhooks(Store store, Pauses pauses, Outbound outbound, @Here Event<FamilyEvent> facts, Settings settings) {
        this.outbound = outbound;
        this.facts = facts;
        this.store = store;
        this.pauses = pauses;
        this.origins = settings.webhooks();
    }

    /** A webhook. @param trouble why it does not work, or null */
    record Webhook(String url, String trouble) {}

    /** To be called once. @param timer where deliveries wait for another attempt */
    public void start(ScheduledExecutorService timer) {
        if (origins.isEmpty()) {
            return;
        }
        courier = new Courier(timer, outbound, origins);
        reread();
    }

    /** Reads all anew: other nodes set them too. */
    public void reread() {
        if (origins.isEmpty()) {
            return;
        }
        Map<MemberId, String> stored = new HashMap<>();
        store.jdbi().useHandle(handle -> handle
                .createQuery("select member_id, url from webhook")
                .map((row, context) -> Map.entry(new MemberId(row.getLong("member_id")), row.getString("url")))
                .list()
                .stream()
                // An origin may have been taken from the list.
                .filter(entry -> isAllowed(entry.getValue()))
                .forEach(entry -> stored.put(entry.getKey(), entry.getValue())));
        deliveries.keySet().stream()
                .filter(member -> !stored.containsKey(member))
                .toList()
                .forEach(this::end);
        stored.forEach((member, url) -> {
            Delivery known = deliveries.get(member);
            if (known == null || !known.isTo(url)) {
                deliver(member, url);
            }
        });
    }

    /** Ends all deliveries. */
    public void stop() {
        deliveries.values().forEach(Delivery::stop);
    }

    /** The origins at which webhooks may lie. */
    Set<String> origins() {
        return origins;
    }

    Optional<Webhook> find(MemberId member) {
        return store.jdbi()
                .withHandle(handle -> handle.createQuery("select url, trouble from webhook where member_id = :member")
                        .bind("member", member.value())
                        .map((row, context) -> new Webhook(row.getString("url"), row.getString("trouble")))
                        .findOne());
    }

    /**
     * Sends a member's positions there from now on.
     *
     * @throws Problem 400 when it may not lie there, 403 when no webhook may
     */
    void set(FamilyId family, MemberId member, String url) {
        if (origins.isEmpty()) {
            throw new Problem(
                    403, "This server sends no positions to webhooks: its owner can allow it with DRAUGAR_WEBHOOKS");
        }
        if (!isAllowed(url)) {
            throw new Problem(
                    400,
                    "url: expected a webhook of Home Assistant, such as "
                            + origins.iterator().next() + "/api/webhook/…, at " + String.join(" or ", origins));
        }
        store.jdbi().useTransaction(handle -> {
            handle.createUpdate("delete from webhook where member_id = :member")
                    .bind("member", member.value())
                    .execute();
            handle.createUpdate("insert into webhook (member_id, url) values (:member, :url)")
                    .bind("member", member.value())
                    .bind("url", url)
                    .execute();
        });
        facts.fire(new WebhookChanged(family, member));
    }

    void remove(FamilyId family, MemberId member) {
        store.jdbi().useHandle(handle -> handle.createUpdate("delete from webhook where member_id = :member")
                .bind("member", member.value())
                .execute());
        facts.fire(new WebhookChanged(family, member));
    }

    /** Takes over what was set, on this node or on another one. */
    void settle(@Observes WebhookChanged changed) {
        find(changed.member())
                .map(Webhook::url)
                .filter(this::isAllowed)
                .ifPresentOrElse(url -> deliver(changed.member(), url), () -> end(changed.member()));
    }

    void forget(@Observes MemberRemoved removed) {
        end(removed.member());
    }

    /** Only notes the position; it is sent by another thread. */
    void share(@Observes LocationShared shared) {
        Delivery delivery =
                deliveries.isEmpty() ? null : deliveries.get(shared.sender().member());
        if (delivery != null && shared.report() instanceof Fix fix) {
            delivery.offer(fix);
        }
    }

    private void deliver(MemberId member, String url) {
        Delivery before = deliveries.put(
                member,
                new Delivery(
                        URI.create(url),
                        courier,
                        fix -> pauses.current(member).isEmpty() && !pauses.cover(member, fix.measuredAt()),
                        trouble -> note(member, url, trouble)));
        if (before != null) {
            before.stop();
        }
    }

    private void end(MemberId member) {
        Delivery delivery = deliveries.remove(member);
        if (delivery != null) {
            delivery.stop();
        }
    }

    private void note(MemberId member, String url, String trouble) {
        store.jdbi().useHandle(handle -> handle.createUpdate(
                        "update webhook set trouble = :trouble where member_id = :member and url = :url")
                .bind("trouble", trouble)
                .bind("member", member.value())
                .bind("url", url)
                .execute());
    }

    private boolean isAllowed(String url) {
        if (url == null || url.length() > MAX_URL) {
            return false;
        }
        try {
            URI uri = new URI(url);
            return uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getRawPath() != null
                    && uri.getRawPath().matches("/api/webhook/[A-Za-z0-9_-]{1,256}")
                    && Origin.parse(uri.getScheme() + "://" + uri.getRawAuthority())
                            .filter(origin -> origins.contains(origin.toString()))
                            .isPresent();
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
