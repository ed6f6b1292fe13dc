package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The WAR that people run deploys at "/" of the server that this build was asked to test. */
@ExtendWith(ArquillianExtension.class)
@ResourceLock("Arquillian")
class SmokeIT {

    @ArquillianResource
    private URL url;

    @Deployment(testable = false)
    static WebArchive draugar() {
        return ShrinkWrap.createFromZipFile(WebArchive.class, new File("target/draugar.war"));
    }

    @Test
    void itIsAtTheRoot() {
        assertThat(url.getPath()).isIn("", "/");
    }

    @Test
    void itServesItsPageAndAnswersThatItIsWell() throws Exception {
        assertThat(get("").statusCode()).isEqualTo(200);
        HttpResponse<String> health = get("api/health");
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body()).contains("\"status\":\"ok\"");
    }

    private HttpResponse<String> get(String path) throws Exception {
        URI address = url.toURI().resolve("/" + path);
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
    }
}
