package org.draugar.socketio.echo;

import org.draugar.http.Bodies;
import org.draugar.http.JsonText;
import org.draugar.http.Refusal;
import org.draugar.transport.Flusher;
import org.draugar.transport.NonBlockingResponse;
import org.draugar.transport.PacedWebSocket;
import org.draugar.transport.UpgradeFilter;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** The echo application, packed. */
public final class Echo {
    private Echo() {}

    public static WebArchive war() {
        return ShrinkWrap.create(WebArchive.class, "echo.war")
                .addPackage("org.draugar.socketio.engine")
                .addClasses(JsonText.class, NonBlockingResponse.class, PacedWebSocket.class)
                .addClasses(Bodies.class, Refusal.class)
                .addClasses(UpgradeFilter.class, Flusher.class)
                .addClass("org.draugar.transport.FlushedStream")
                .addClass("org.draugar.transport.FragmentedInput")
                .addClasses(EchoApplication.class, SessionsServlet.class)
                .setWebXML("echo/web.xml");
    }
}
