package org.draugar.socketio.echo;

import org.draugar.http.Bodies;
import org.draugar.http.Flusher;
import org.draugar.http.JsonText;
import org.draugar.http.NonBlockingResponse;
import org.draugar.http.PacedWebSocket;
import org.draugar.http.Refusal;
import org.draugar.http.UpgradeFilter;
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
                .addClass("org.draugar.http.FlushedStream")
                .addClass("org.draugar.http.FragmentedInput")
                .addClasses(EchoApplication.class, SessionsServlet.class)
                .setWebXML("echo/web.xml");
    }
}
