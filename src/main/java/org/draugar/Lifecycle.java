package org.draugar;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.inject.Inject;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.draugar.alarms.Alarms;
import org.draugar.alerts.Calls;
import org.draugar.alerts.CheckIns;
import org.draugar.alerts.Watch;
import org.draugar.audit.AuditLog;
import org.draugar.cluster.Cluster;
import org.draugar.delivery.Heartbeat;
import org.draugar.delivery.Hub;
import org.draugar.family.Pauses;
import org.draugar.homeassistant.Webhooks;
import org.draugar.http.Answers;
import org.draugar.http.Bodies;
import org.draugar.http.Deadlines;
import org.draugar.identity.Joining;
import org.draugar.identity.SigningOut;
import org.draugar.location.Compaction;
import org.draugar.location.LocationSharing;
import org.draugar.location.PositionStore;
import org.draugar.location.Retention;
import org.draugar.monitoring.Metrics;
import org.draugar.notifications.Channels;
import org.draugar.notifications.Notifications;
import org.draugar.notifications.Sender;
import org.draugar.operator.OperatorKey;
import org.draugar.outbound.Outbound;
import org.draugar.places.Visits;
import org.draugar.presence.Presence;
import org.draugar.protocol.Conversation;
import org.draugar.settings.Settings;
import org.draugar.socketio.SocketIoDoor;
import org.draugar.status.Health;
import org.draugar.store.Store;
import org.draugar.trackers.Trackers;
import org.draugar.transport.Flusher;

/** Starts what runs by itself, in order, and ends it in the reverse one: peers first, the store last. */
@WebListener
public class Lifecycle implements ServletContextListener {
    private static final int COMPACT_SECONDS = 30;

    private static final int LOOK_SECONDS = 5;
    /** For no longer does a server write to a database that another one has taken over. */
    private static final int KEEP_SECONDS = 2;

    private static final Logger LOG = System.getLogger(Lifecycle.class.getName());

    @Inject
    private Settings settings;

    @Inject
    private Store store;

    @Inject
    private Streams streams;

    @Inject
    private OperatorKey operatorKey;

    @Inject
    private PositionStore positions;

    @Inject
    private LocationSharing sharing;

    @Inject
    private Compaction compaction;

    @Inject
    private Retention retention;

    @Inject
    private Trackers trackers;

    @Inject
    private Alarms alarms;

    @Inject
    private Visits visits;

    @Inject
    private Calls calls;

    @Inject
    private CheckIns checkIns;

    @Inject
    private Watch watch;

    @Inject
    private Bodies bodies;

    @Inject
    private Answers answers;

    @Inject
    private Flusher flusher;

    @Inject
    private Hub hub;

    @Inject
    private Cluster cluster;

    @Inject
    private Conversation conversation;

    @Inject
    private Deadlines deadlines;

    @Inject
    private Heartbeat heartbeat;

    @Inject
    private Presence presence;

    @Inject
    private Pauses pauses;

    @Inject
    private Joining joining;

    @Inject
    private SigningOut signingOut;

    @Inject
    private AuditLog auditLog;

    @Inject
    private SocketIoDoor socketIo;

    @Inject
    private Outbound outbound;

    @Inject
    private Webhooks webhooks;

    @Inject
    private Notifications notifications;

    @Inject
    private Channels channels;

    @Inject
    private Sender sender;

    @Inject
    private Health health;

    @Resource
    private ManagedScheduledExecutorService timer;

    @Resource
    private ManagedExecutorService executor;

    @Resource
    private ManagedThreadFactory threads;

    private ScheduledFuture<?> tenTimesASecond;
    private ScheduledFuture<?> everySecond;
    private ScheduledFuture<?> compacting;
    private ScheduledFuture<?> looking;
    private ScheduledFuture<?> alerting;
    private ScheduledFuture<?> keeping;
    private ScheduledFuture<?> checking;

    @Override
    public void contextInitialized(ServletContextEvent event) {
        operatorKey.create();
        positions.start(threads);
        alarms.start(executor);
        calls.start(executor);
        watch.start(executor);
        sharing.start(executor);
        flusher.start(threads);
        hub.start(executor);
        streams.start(threads, positions::flush);
        conversation.start(executor);
        pauses.start();
        visits.start(threads);
        outbound.start(threads, timer);
        webhooks.start(timer);
        sender.start(executor);
        cluster.start(executor);
        socketIo.start(event.getServletContext(), timer, executor);
        compacting = every(COMPACT_SECONDS, "Packing old positions waits until the store answers", compaction::look);
        looking = every(LOOK_SECONDS, "Trackers and deleting wait until the store answers", () -> {
            trackers.look();
            signingOut.look(hub::devices);
            auditLog.look();
            alarms.look();
            visits.sweep(settings.cluster().isPresent());
            notifications.look();
            channels.look();
            retention.look();
        });
        alerting = every(LOOK_SECONDS, "Alerts wait until the store answers", () -> {
            calls.look();
            checkIns.look();
            watch.look();
        });
        keeping = every(KEEP_SECONDS, "The lock of the store could not be looked at", store::keep);
        everySecond = every(1, "The heartbeat failed; it goes on in a second", () -> {
            heartbeat.beat();
            bodies.look();
            deadlines.look();
            presence.expire();
            cluster.look();
            pauses.expire();
            visits.look();
            sender.look();
        });
        watch();
        health.look();
        checking = every(1, "The server could not look how it is", health::look);
        tenTimesASecond = timer.scheduleWithFixedDelay(answers::look, 100, 100, TimeUnit.MILLISECONDS);
        joining.announce();
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        checking.cancel(false);
        tenTimesASecond.cancel(false);
        everySecond.cancel(false);
        looking.cancel(false);
        alerting.cancel(false);
        keeping.cancel(false);
        compacting.cancel(false);
        hub.stop();
        socketIo.stop();
        webhooks.stop();
        visits.stop();
        outbound.stop();
        streams.stop();
        flusher.stop();
        compaction.stop();
        retention.stop();
        positions.stop();
        trackers.stop();
        signingOut.stop();
        auditLog.writeRefused();
        store.close();
        Store.deregisterDrivers();
    }

    private void watch() {
        Metrics.gauge("draugar_connections", "Live connections right now, through all doors.", hub::size);
        Metrics.gauge("draugar_families", "Families whose live stream is in memory.", hub::families);
        Metrics.gauge("draugar_store_waiting", "Positions that wait for the store.", positions::waiting);
        Metrics.gauge("draugar_store_waiting_most", "How many may wait.", () -> PositionStore.MAX_WAITING);
        Metrics.counter("draugar_positions_stored", "Positions made safe since the start.", positions::count);
        Metrics.gauge(
                "draugar_healthy",
                "Whether all is well: 1, or else 0, and /api/health says why.",
                () -> health.trouble().isPresent() ? 0 : 1);
    }

    /** An exception would end a schedule for good. */
    private ScheduledFuture<?> every(int seconds, String otherwise, Runnable work) {
        Runnable guarded = () -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "{0}: {1}", otherwise, e);
            }
        };
        return timer.scheduleWithFixedDelay(guarded, seconds, seconds, TimeUnit.SECONDS);
    }
}
