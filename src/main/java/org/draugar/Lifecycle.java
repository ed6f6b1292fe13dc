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
import org.draugar.audit.AuditLog;
import org.draugar.delivery.Heartbeat;
import org.draugar.delivery.Hub;
import org.draugar.family.Pauses;
import org.draugar.homeassistant.Webhooks;
import org.draugar.http.Bodies;
import org.draugar.http.Deadlines;
import org.draugar.http.Flusher;
import org.draugar.identity.Joining;
import org.draugar.identity.SigningOut;
import org.draugar.location.Journal;
import org.draugar.location.LocationSharing;
import org.draugar.location.Retention;
import org.draugar.location.Tracks;
import org.draugar.operator.OperatorKey;
import org.draugar.presence.Presence;
import org.draugar.protocol.Conversation;
import org.draugar.socketio.SocketIoDoor;
import org.draugar.store.Store;
import org.draugar.trackers.Trackers;

/** Starts what runs by itself, in order, and ends it in the reverse one: peers first, the store last. */
@WebListener
public class Lifecycle implements ServletContextListener {
    /** Longer means fewer writes, and more to file for whoever wants to read in between. */
    private static final int FILE_SECONDS = 30;

    private static final int LOOK_SECONDS = 5;
    /** For no longer does a server write to a database that another one has taken over. */
    private static final int KEEP_SECONDS = 2;

    private static final Logger LOG = System.getLogger(Lifecycle.class.getName());

    @Inject
    private Store store;

    @Inject
    private OperatorKey operatorKey;

    @Inject
    private Journal journal;

    @Inject
    private LocationSharing sharing;

    @Inject
    private Tracks tracks;

    @Inject
    private Retention retention;

    @Inject
    private Trackers trackers;

    @Inject
    private Bodies bodies;

    @Inject
    private Flusher flusher;

    @Inject
    private Hub hub;

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
    private Webhooks webhooks;

    @Resource
    private ManagedScheduledExecutorService timer;

    @Resource
    private ManagedExecutorService executor;

    @Resource
    private ManagedThreadFactory threads;

    private ScheduledFuture<?> everySecond;
    private ScheduledFuture<?> filing;
    private ScheduledFuture<?> looking;
    private ScheduledFuture<?> keeping;

    @Override
    public void contextInitialized(ServletContextEvent event) {
        operatorKey.create();
        journal.start(threads);
        sharing.start(executor);
        flusher.start(threads);
        hub.start(executor);
        conversation.start(executor);
        pauses.start();
        webhooks.start(timer);
        socketIo.start(event.getServletContext(), timer, executor);
        filing = every(FILE_SECONDS, "Filing waits until the store answers", tracks::file);
        looking = every(LOOK_SECONDS, "Trackers and deleting wait until the store answers", () -> {
            trackers.look();
            signingOut.look(hub::devices);
            auditLog.look();
            retention.look();
        });
        keeping = every(KEEP_SECONDS, "The lock of the store could not be looked at", store::keep);
        everySecond = every(1, "The heartbeat failed; it goes on in a second", () -> {
            heartbeat.beat();
            bodies.look();
            deadlines.look();
            presence.expire();
            pauses.expire();
        });
        joining.announce();
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        everySecond.cancel(false);
        looking.cancel(false);
        keeping.cancel(false);
        filing.cancel(false);
        hub.stop();
        socketIo.stop();
        webhooks.stop();
        flusher.stop();
        retention.stop();
        journal.stop();
        tracks.stop();
        trackers.stop();
        signingOut.stop();
        auditLog.writeRefused();
        store.close();
        Store.deregisterDrivers();
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
