package org.draugar.cluster;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.presence.Presence;
import org.draugar.presence.PresenceHere;
import org.draugar.stream.Nodes;

/**
 * Who is online on other nodes. Each node tells when a member comes and goes, and every two seconds a digest of all who
 * are there; a node that has another picture of it asks for all. A node that is silent for ten seconds is gone, and
 * everybody who was on it.
 *
 * <p>The messages: {@code online NODE FAMILY MEMBER}, {@code offline NODE FAMILY MEMBER}, {@code digest NODE HEX},
 * {@code who NODE} asks that node, {@code all NODE FAMILY MEMBER FAMILY MEMBER …} answers. Thread-safe.
 */
@Singleton
class OnlineElsewhere {
    private static final long DIGEST_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long SILENT_NANOS = Duration.ofSeconds(10).toNanos();

    private final String node = UUID.randomUUID().toString();
    private final Presence presence;
    private final Nodes nodes;
    private final Map<String, Picture> pictures = new ConcurrentHashMap<>();
    private long toldAt = System.nanoTime() - DIGEST_NANOS;

    @Inject
    OnlineElsewhere(Presence presence, Nodes nodes) {
        this.presence = presence;
        this.nodes = nodes;
    }

    /** What another node said; guarded by itself. */
    private static final class Picture {
        private final Map<MemberId, FamilyId> online = new HashMap<>();
        private long heardAt = System.nanoTime();
        private boolean gone;
    }

    void tell(@Observes PresenceHere here) {
        nodes.announce((here.online() ? "online " : "offline ") + node + " " + here.family() + " " + here.member());
    }

    /** To be run every second. */
    void look() {
        long now = System.nanoTime();
        if (now - toldAt >= DIGEST_NANOS) {
            toldAt = now;
            nodes.announce("digest " + node + " " + digest(presence.here()));
        }
        pictures.forEach((other, picture) -> {
            synchronized (picture) {
                if (now - picture.heardAt > SILENT_NANOS) {
                    picture.gone = true;
                    pictures.remove(other);
                    show(other, picture, Map.of());
                }
            }
        });
    }

    /** The line was down. */
    void missed() {
        nodes.announce("digest " + node + " " + digest(presence.here()));
    }

    /** @return whether it was about this */
    boolean hear(List<String> words) {
        switch (words.get(0)) {
            case "online", "offline" -> {
                if (words.size() == 4) {
                    member(words);
                }
            }
            case "digest" -> {
                if (words.size() == 3) {
                    digest(words.get(1), words.get(2));
                }
            }
            case "who" -> {
                if (words.size() == 2 && words.get(1).equals(node)) {
                    StringBuilder all = new StringBuilder("all ").append(node);
                    presence.here()
                            .forEach((member, family) ->
                                    all.append(' ').append(family).append(' ').append(member));
                    nodes.announce(all.toString());
                }
            }
            case "all" -> {
                if (words.size() % 2 == 0) {
                    all(words);
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void member(List<String> words) {
        String other = words.get(1);
        Map<MemberId, FamilyId> news = new HashMap<>();
        read(words, 2, news);
        boolean online = words.get(0).equals("online");
        on(
                other,
                picture -> news.forEach((member, family) -> {
                    boolean before =
                            online ? picture.online.put(member, family) != null : picture.online.remove(member) == null;
                    if (!before) {
                        presence.elsewhere(other, family, member, online);
                    }
                }));
    }

    private void all(List<String> words) {
        Map<MemberId, FamilyId> online = new HashMap<>();
        for (int i = 2; i < words.size(); i += 2) {
            read(words, i, online);
        }
        on(words.get(1), picture -> show(words.get(1), picture, online));
    }

    private void digest(String other, String digest) {
        on(other, picture -> {
            if (!digest(picture.online).equals(digest)) {
                nodes.announce("who " + other);
            }
        });
    }

    private void on(String other, Consumer<Picture> work) {
        while (true) {
            Picture picture = pictures.computeIfAbsent(other, o -> new Picture());
            synchronized (picture) {
                if (!picture.gone) {
                    picture.heardAt = System.nanoTime();
                    work.accept(picture);
                    return;
                }
            }
        }
    }

    /** Makes the picture that one, and tells what is different. */
    private void show(String other, Picture picture, Map<MemberId, FamilyId> online) {
        Map<MemberId, FamilyId> before = Map.copyOf(picture.online);
        picture.online.clear();
        picture.online.putAll(online);
        before.forEach((member, family) -> {
            if (!online.containsKey(member)) {
                presence.elsewhere(other, family, member, false);
            }
        });
        online.forEach((member, family) -> {
            if (!before.containsKey(member)) {
                presence.elsewhere(other, family, member, true);
            }
        });
    }

    private static void read(List<String> words, int at, Map<MemberId, FamilyId> into) {
        FamilyId.parse(words.get(at))
                .ifPresent(family -> MemberId.parse(words.get(at + 1)).ifPresent(member -> into.put(member, family)));
    }

    /** The same for the same members, in whatever order. */
    private static String digest(Map<MemberId, FamilyId> online) {
        long digest = 0;
        for (MemberId member : online.keySet()) {
            // Ids are random: nothing more is needed than that few of them do not cancel each other out.
            digest += member.value() * 0x9E3779B97F4A7C15L;
        }
        return Long.toHexString(digest) + "-" + online.size();
    }
}
