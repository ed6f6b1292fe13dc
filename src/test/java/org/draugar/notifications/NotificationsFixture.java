package org.draugar.notifications;

import jakarta.enterprise.event.Event;
import java.lang.reflect.Proxy;
import org.draugar.family.FamilyEvent;
import org.draugar.store.Store;

/** Keeps what members are told where no container does; nothing is sent. */
public final class NotificationsFixture {
    private NotificationsFixture() {}

    public static Notifications notifications(Store store) {
        return new Notifications(store, nobodyHears());
    }

    @SuppressWarnings("unchecked")
    public static Event<FamilyEvent> nobodyHears() {
        return (Event<FamilyEvent>) Proxy.newProxyInstance(
                Event.class.getClassLoader(), new Class<?>[] {Event.class}, (proxy, method, arguments) -> null);
    }
}
