package org.draugar.history;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbConfig;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.draugar.alarms.Alarms;
import org.draugar.encryption.GroupKeys;
import org.draugar.family.Caller;
import org.draugar.family.Families;
import org.draugar.family.Family;
import org.draugar.family.FamilyEvent;
import org.draugar.family.Here;
import org.draugar.family.Member;
import org.draugar.family.MemberId;
import org.draugar.family.Name;
import org.draugar.family.Pauses;
import org.draugar.formats.GeoJsonWriter;
import org.draugar.formats.GpxWriter;
import org.draugar.history.Imports.ImportView;
import org.draugar.http.Problem;
import org.draugar.identity.Devices;
import org.draugar.location.Fix;
import org.draugar.location.StoredReport;
import org.draugar.location.Tracks;
import org.draugar.notifications.Channels;
import org.draugar.notifications.Notifications;
import org.draugar.places.Places;
import org.draugar.places.Visits;
import org.draugar.settings.Settings;

/** A member's own data, in and out: nobody else's, not even for an admin. */
@Path("/")
@Consumes(MediaType.WILDCARD)
public class RightsResource {
    private static final Jsonb JSON = JsonbBuilder.create(new JsonbConfig().withFormatting(true));
    private static final Jsonb LINES = JsonbBuilder.create();
    private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

    @Inject
    private Imports imports;

    @Inject
    private Tracks tracks;

    @Inject
    private Families families;

    @Inject
    private Devices devices;

    @Inject
    private Pauses pauses;

    @Inject
    private Places places;

    @Inject
    private Visits visits;

    @Inject
    private Alarms alarms;

    @Inject
    private Notifications notifications;

    @Inject
    private Channels channels;

    @Inject
    private GroupKeys keys;

    @Inject
    private Settings settings;

    @Inject
    @Here
    private Event<FamilyEvent> facts;

    /**
     * Takes in a GPX file or a Google Timeline export, the body being the file, or a form that has it in it
     * (multipart/form-data); nobody live is told, and what was measured while its member was paused is left out. 200 with the report, 400 where it is no such file, 409 where the family keeps no history.
     *
     * @param name the file's name, for the report
     */
    @POST
    @Path("users/{id}/imports")
    @Produces(MediaType.APPLICATION_JSON)
    public ImportView importFile(
            @PathParam("id") String id,
            @QueryParam("name") String name,
            @HeaderParam("Content-Type") String type,
            InputStream body,
            @Context SecurityContext security) {
        Caller caller = self(security, id);
        Family family = families.family(caller.family());
        Duration term = family.term(settings.history());
        if (term.isZero()) {
            throw new Problem(409, "Your family keeps no history: an admin can change that");
        }
        Upload upload = Upload.of(type, body);
        String called = Name.cleaned(name, Name.cleaned(upload.name(), "import"));
        return imports.run(caller, called, upload.file(), term);
    }

    /** The last imports since the server started, with their progress: {@code {"imports":[…]}}. */
    @GET
    @Path("users/{id}/imports")
    @Produces(MediaType.APPLICATION_JSON)
    public Map<String, List<ImportView>> imports(@PathParam("id") String id, @Context SecurityContext security) {
        return Map.of("imports", imports.list(self(security, id).member()));
    }

    /** Everything that is kept of a member, for themselves: a ZIP of JSON, GeoJSON and GPX files. */
    @GET
    @Path("users/{id}/export")
    @Produces("application/zip")
    public Response export(@PathParam("id") String id, @Context SecurityContext security) {
        Caller caller = self(security, id);
        facts.fire(new ExportTaken(caller.family(), caller.member()));
        StreamingOutput zip = out -> write(caller, out);
        return Response.ok(zip)
                .header("Content-Disposition", "attachment; filename=\"draugar-export.zip\"")
                .build();
    }

    private void write(Caller caller, OutputStream out) throws IOException {
        Family family = families.family(caller.family());
        Member member = families.members(caller.family()).stream()
                .filter(m -> m.id().equals(caller.member()))
                .findFirst()
                .orElseThrow();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("member.json"));
            Map<String, Object> about = new HashMap<>();
            about.put("colour", member.colour());
            about.put("emoji", member.emoji());
            about.putAll(Map.of(
                    "id",
                    member.id().toString(),
                    "name",
                    member.name(),
                    "role",
                    member.role().name().toLowerCase(Locale.ROOT),
                    "joinedAt",
                    member.joinedAt(),
                    "shownInApps",
                    member.shownInApps(),
                    "family",
                    family.name(),
                    "places",
                    places.list(caller.family()).stream()
                            .filter(place -> place.createdBy().equals(caller.member()))
                            .map(place -> Map.of(
                                    "name", place.name(),
                                    "latitude", place.latitude(),
                                    "longitude", place.longitude(),
                                    "radius", place.radius(),
                                    "icon", place.icon()))
                            .toList(),
                    "publicKey",
                    keys.publicKey(caller).orElse(""),
                    "devices",
                    devices.list(caller.family()).stream()
                            .filter(device -> device.member().equals(caller.member()))
                            .map(device -> Map.of(
                                    "id", device.id().toString(),
                                    "name", device.name(),
                                    "createdAt", device.createdAt(),
                                    "lastSeenAt", device.lastSeenAt()))
                            .toList(),
                    "pauses",
                    pauses.of(member.id())));
            json(zip, about);
            zip.putNextEntry(new ZipEntry("alarms.json"));
            json(
                    zip,
                    alarms.of(caller.family(), caller.member()).stream()
                            .map(alarm -> Map.of("alarm", alarm.about(), "at", alarm.at()))
                            .toList());
            zip.putNextEntry(new ZipEntry("visits.json"));
            json(zip, visits.list(caller.family(), caller.member(), Instant.EPOCH, END));
            zip.putNextEntry(new ZipEntry("notifications.json"));
            json(zip, notifications.export(caller.member()));
            zip.putNextEntry(new ZipEntry("notification-channels.json"));
            json(zip, channels.export(caller.member()));
            zip.putNextEntry(new ZipEntry("positions.jsonl"));
            try (Stream<StoredReport> all = tracks.between(caller.member(), Instant.EPOCH, END, false)) {
                for (StoredReport kept : (Iterable<StoredReport>) all::iterator) {
                    zip.write(LINES.toJson(HistoryResource.LocationView.of(kept, true))
                            .getBytes(StandardCharsets.UTF_8));
                    zip.write('\n');
                }
            }
            zip.putNextEntry(new ZipEntry("positions.geojson"));
            try (Stream<Fix> fixes = fixes(caller.member())) {
                GeoJsonWriter.writePositions(open(zip), fixes.iterator());
            }
            zip.putNextEntry(new ZipEntry("positions.gpx"));
            try (Stream<Fix> fixes = fixes(caller.member())) {
                GpxWriter.write(open(zip), member.name(), fixes.iterator());
            }
        }
    }

    private Stream<Fix> fixes(MemberId member) {
        return tracks.between(member, Instant.EPOCH, END, false)
                .filter(kept -> kept.report() instanceof Fix)
                .map(kept -> (Fix) kept.report());
    }

    private static void json(OutputStream out, Object value) throws IOException {
        out.write(JSON.toJson(value).getBytes(StandardCharsets.UTF_8));
    }

    /** A writer that closes its stream must not close the archive. */
    private static OutputStream open(OutputStream zip) {
        return new java.io.FilterOutputStream(zip) {
            @Override
            public void write(byte[] bytes, int start, int length) throws IOException {
                out.write(bytes, start, length);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        };
    }

    private static Caller self(SecurityContext security, String id) {
        Caller caller = Caller.of(security);
        if (!caller.member().toString().equals(id)) {
            throw new Problem(403, "Only your own data is yours to import, export or delete");
        }
        return caller;
    }
}
