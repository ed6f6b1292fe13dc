package org.draugar.history;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.core.StreamingOutput;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.draugar.family.Caller;
import org.draugar.family.Families;
import org.draugar.family.FamilyEvent;
import org.draugar.family.Here;
import org.draugar.family.HistoryErased;
import org.draugar.family.Member;
import org.draugar.family.MemberId;
import org.draugar.formats.GeoJsonWriter;
import org.draugar.formats.GpxWriter;
import org.draugar.formats.Segments;
import org.draugar.formats.Simplifier;
import org.draugar.http.Gzip;
import org.draugar.http.Problem;
import org.draugar.location.Encrypted;
import org.draugar.location.Erasure;
import org.draugar.location.Fix;
import org.draugar.location.PageCursor;
import org.draugar.location.StoredReport;
import org.draugar.location.Tracks;
import org.draugar.protocol.ServerMessage.EncryptedBroadcast.Payload;

/**
 * Where a member of the caller's family has been. {@code from} and {@code to} bound the time of measurement, the second
 * one exclusively; see {@link HistoryQuery} for what they may look like.
 */
@Path("users/{id}/locations")
public class HistoryResource {
    // "qs": what a client gets that has no preference (JAX-RS 3.1, 3.8).
    private static final String GEO_JSON = "application/geo+json;qs=0.5";
    private static final String GPX = "application/gpx+xml;qs=0.4";
    /** A simplified track is held in memory while it is made. */
    private static final int MAX_TO_SIMPLIFY = 200_000;

    @Inject
    private Tracks tracks;

    @Inject
    private Erasure erasure;

    @Inject
    private Families families;

    @Inject
    @Here
    private Event<FamilyEvent> facts;

    /**
     * A kept position.
     *
     * @param id the sender's own id for it, or its offset where there was none
     * @param offset its place in the family's stream; below all of them where it was imported
     * @param deviceId the device that reported it, for its owner; null for others
     */
    @JsonbPropertyOrder({"id", "offset", "latitude", "longitude", "timestamp"})
    public record LocationView(
            String id,
            long offset,
            Double latitude,
            Double longitude,
            Instant timestamp,
            Double accuracy,
            Double altitude,
            Double speed,
            Double bearing,
            Double battery,
            Boolean charging,
            String activity,
            String alarm,
            Payload payload,
            String deviceId) {

        /** @param own whether its reader is the one who reported it: which device it was is nobody else's business */
        static LocationView of(StoredReport kept, boolean own) {
            String device = own ? kept.device().toString() : null;
            String id = kept.id() == null ? Long.toString(kept.offset()) : kept.id();
            if (kept.report() instanceof Fix fix) {
                return new LocationView(
                        id,
                        kept.offset(),
                        fix.latitude(),
                        fix.longitude(),
                        fix.measuredAt(),
                        fix.accuracy(),
                        fix.altitude(),
                        fix.speed(),
                        fix.bearing(),
                        fix.battery(),
                        fix.charging(),
                        fix.activity(),
                        fix.alarm(),
                        null,
                        device);
            }
            Encrypted encrypted = (Encrypted) kept.report();
            return new LocationView(
                    id,
                    kept.offset(),
                    null,
                    null,
                    encrypted.measuredAt(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    new Payload(encrypted.v(), encrypted.n(), encrypted.c()),
                    device);
        }
    }

    /**
     * A page of positions.
     *
     * @param next path of the next page, or null when this is the last one
     */
    public record PageView(List<LocationView> locations, String next) {}

    /**
     * A page: {@code {"locations":[…],"next":"/api/…"}}. With {@code simplify}, a tolerance in metres, without the
     * positions that lie within the tolerance of the line through the others, as for drawing a trail. 400 says what is
     * wrong with the query, 404 whose it is not.
     */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Gzip
    public PageView page(
            @PathParam("id") String id,
            @QueryParam("from") String from,
            @QueryParam("to") String to,
            @QueryParam("order") String order,
            @QueryParam("limit") String limit,
            @QueryParam("after") String after,
            @QueryParam("simplify") String simplify,
            @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        Member member = member(caller, id);
        boolean own = member.id().equals(caller.member());
        HistoryQuery query = HistoryQuery.parse(from, to, order, limit);
        Optional<Double> tolerance = Optional.ofNullable(simplify).map(HistoryResource::tolerance);
        boolean newestFirst = query.order() == HistoryQuery.Order.DESC;
        Tracks.Page page = tracks.page(
                member.id(),
                query.from(),
                query.to(),
                newestFirst,
                Optional.ofNullable(after).map(PageCursor::parse),
                query.limit());
        String next = !page.more()
                ? null
                : "/api/users/" + member.id() + "/locations?" + parameter("from", from) + parameter("to", to)
                        + parameter("simplify", simplify) + "order=" + (newestFirst ? "desc" : "asc") + "&limit="
                        + query.limit() + "&after=" + PageCursor.of(page.last());
        List<StoredReport> shown =
                tolerance.map(metres -> simplified(page.reports(), metres)).orElse(page.reports());
        return new PageView(
                shown.stream().map(kept -> LocationView.of(kept, own)).toList(), next);
    }

    /** An alarm is no matter of drawing, and what is encrypted nobody here can leave out: these stay. */
    private static List<StoredReport> simplified(List<StoredReport> reports, double tolerance) {
        List<Fix> track = reports.stream()
                .filter(kept -> kept.report() instanceof Fix)
                .map(kept -> (Fix) kept.report())
                .toList();
        Set<Fix> drawn = new HashSet<>();
        Segments.split(track).forEach(segment -> drawn.addAll(Simplifier.simplify(segment, tolerance)));
        return reports.stream()
                .filter(kept -> !(kept.report() instanceof Fix fix) || fix.alarm() != null || drawn.contains(fix))
                .toList();
    }

    private static String parameter(String name, String value) {
        return value == null ? "" : name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8) + "&";
    }

    /**
     * All of them as a GeoJSON FeatureCollection (RFC 7946), oldest first. With {@code simplify}, a tolerance in metres,
     * they come as lines for drawing instead: without the points that lie within the tolerance of the line.
     */
    @GET
    @Produces(GEO_JSON)
    public Response geoJson(
            @PathParam("id") String id,
            @QueryParam("from") String from,
            @QueryParam("to") String to,
            @QueryParam("simplify") String simplify,
            @Context SecurityContext security) {
        Member member = member(Caller.of(security), id);
        HistoryQuery query = HistoryQuery.parse(from, to, "asc", null);
        StreamingOutput body;
        if (simplify == null) {
            body = out -> {
                try (Stream<Fix> fixes = fixes(member.id(), query)) {
                    GeoJsonWriter.writePositions(out, fixes.iterator());
                }
            };
        } else {
            double tolerance = tolerance(simplify);
            List<Fix> track;
            try (Stream<Fix> fixes = fixes(member.id(), query)) {
                track = fixes.limit(MAX_TO_SIMPLIFY + 1L).toList();
            }
            if (track.size() > MAX_TO_SIMPLIFY) {
                throw new Problem(400, "Too many positions to simplify at once: ask for a shorter time");
            }
            List<List<Fix>> lines = Segments.split(track).stream()
                    .map(segment -> Simplifier.simplify(segment, tolerance))
                    .toList();
            body = out -> GeoJsonWriter.writeTrack(out, lines);
        }
        return Response.ok(body)
                .header("Content-Disposition", "attachment; filename=\"draugar.geojson\"")
                .build();
    }

    /** All of them as GPX 1.1, oldest first. */
    @GET
    @Produces(GPX)
    public Response gpx(
            @PathParam("id") String id,
            @QueryParam("from") String from,
            @QueryParam("to") String to,
            @Context SecurityContext security) {
        Member member = member(Caller.of(security), id);
        HistoryQuery query = HistoryQuery.parse(from, to, "asc", null);
        StreamingOutput body = out -> {
            try (Stream<Fix> fixes = fixes(member.id(), query)) {
                Iterator<Fix> track = fixes.iterator();
                GpxWriter.write(out, member.name(), track);
            }
        };
        return Response.ok(body)
                .header("Content-Disposition", "attachment; filename=\"draugar.gpx\"")
                .build();
    }

    /** Deletes positions of the caller's own, all of them without a query: 204. 403 for somebody else's. */
    @DELETE
    public void delete(
            @PathParam("id") String id,
            @QueryParam("from") String from,
            @QueryParam("to") String to,
            @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        Member member = member(caller, id);
        if (!member.id().equals(caller.member())) {
            throw new Problem(403, "Only your own positions are yours to delete");
        }
        HistoryQuery query = HistoryQuery.parse(from, to, null, null);
        boolean stored = erasure.delete(member.id(), query.from(), query.to());
        facts.fire(new HistoryErased(caller.family(), member.id(), query.from(), query.to(), stored));
    }

    /** What the server can read of them: encrypted ones are in no file but the JSON. */
    private Stream<Fix> fixes(MemberId member, HistoryQuery query) {
        return tracks.between(member, query.from(), query.to(), false)
                .filter(kept -> kept.report() instanceof Fix)
                .map(kept -> (Fix) kept.report());
    }

    private Member member(Caller caller, String id) {
        MemberId wanted = MemberId.parse(id).orElseThrow(HistoryResource::noSuchMember);
        return families.members(caller.family()).stream()
                .filter(member -> member.id().equals(wanted))
                .findFirst()
                .orElseThrow(HistoryResource::noSuchMember);
    }

    private static double tolerance(String text) {
        try {
            double metres = Double.parseDouble(text);
            if (metres >= 0 && metres <= 100_000) {
                return metres;
            }
        } catch (NumberFormatException e) {
            // falls through to the message below
        }
        throw new Problem(400, "simplify: expected metres from 0 to 100000");
    }

    private static Problem noSuchMember() {
        return new Problem(404, "There is no such member in your family");
    }
}
