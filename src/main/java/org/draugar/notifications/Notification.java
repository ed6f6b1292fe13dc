package org.draugar.notifications;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.Ids;
import org.draugar.family.MemberId;

/**
 * Something that one member is told, once. As a fact: it is stored, and they are to be told.
 *
 * @param id a random positive number
 * @param to who is told
 * @param key what they are told for, such as {@code arrive <visit>}: a member is told once for each key, whatever is
 *     tried again; at most {@value #MAX_KEY} characters, and none of a name's
 * @param title one line, cut off at {@value #MAX_TITLE} characters
 * @param text what there is to say, cut off at {@value #MAX_TEXT} characters
 * @param about whom it is about, or null
 * @param place which place it is about, or null
 * @param at when they were told, which is now; when it happened is for the text to say
 */
public record Notification(
        long id,
        FamilyId family,
        MemberId to,
        Kind kind,
        String key,
        String title,
        String text,
        MemberId about,
        Long place,
        Instant at)
        implements FamilyEvent {
    static final int MAX_KEY = 200;
    static final int MAX_TITLE = 128;
    static final int MAX_TEXT = 512;

    /** What notifications are about. */
    public enum Kind {
        /** Somebody has arrived at a place. */
        ARRIVE,
        /** Somebody has left a place. */
        LEAVE,
        /** Somebody's battery is low. */
        BATTERY,
        /** Nothing is heard of somebody. */
        SILENT,
        /** Somebody needs help. */
        SOS,
        /** Somebody should be back by now, or soon. */
        CHECK_IN,
        /** Somebody asks where one is. */
        LOCATE,
        /** One's own trial of a channel. */
        TEST;

        /** As it is written outside of the code, such as {@code check-in}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Kind of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
        }

        /** Whether it goes before all others, and wakes a phone that sleeps. */
        boolean isUrgent() {
            return this == SOS;
        }

        /** For how long it is worth telling. */
        Duration term() {
            return switch (this) {
                case SOS -> Duration.ofMinutes(30);
                case TEST -> Duration.ofMinutes(10);
                default -> Duration.ofHours(12);
            };
        }
    }

    /** Checks the key, and cuts off what is too long to show. */
    public Notification {
        if (key.length() > MAX_KEY) {
            throw new IllegalArgumentException("A key of at most " + MAX_KEY + " characters");
        }
        title = cut(title, MAX_TITLE);
        text = cut(text, MAX_TEXT);
        at = at.truncatedTo(ChronoUnit.MILLIS);
    }

    /** A new one. */
    public static Notification of(
            FamilyId family,
            MemberId to,
            Kind kind,
            String key,
            String title,
            String text,
            MemberId about,
            Long place) {
        return new Notification(Ids.random(), family, to, kind, key, title, text, about, place, Instant.now());
    }

    private static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        // Not between the halves of one character.
        int end = Character.isHighSurrogate(text.charAt(most - 2)) ? most - 2 : most - 1;
        return text.substring(0, end) + "…";
    }
}
