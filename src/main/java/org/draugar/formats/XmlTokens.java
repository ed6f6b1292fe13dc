package org.draugar.formats;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.draugar.formats.ImportStream.Broken;

/**
 * Walks through XML of any size (XML 1.0), and goes on where it is not well-formed: a parser must not, so that one bare
 * {@code &} in a name would cost a year of positions. Knows no namespaces, so none needs to be declared, and no entities
 * but those of XML itself, so none can grow or be fetched. Holds little in memory, whatever the file.
 */
final class XmlTokens {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NAME = 64;
    private static final int MAX_TEXT = 65;
    private static final int MAX_REFERENCE = 10;

    private static final Map<String, Character> ENTITIES =
            Map.of("amp", '&', "lt", '<', "gt", '>', "quot", '"', "apos", '\'');

    /** What comes next. */
    enum Event {
        START,
        END,
        TEXT,
        DOCTYPE,
        END_OF_FILE
    }

    private final Reader in;
    private final ImportStream bytes;
    private final Set<String> wanted;
    private final Consumer<String> flaws;
    private final char[] buffer = new char[8192];
    private int position;
    private int limit;
    private int line = 1;
    private int startLine = 1;

    private final List<String> open = new ArrayList<>();
    private final Map<String, String> attributes = new HashMap<>();
    private final StringBuilder text = new StringBuilder();
    private String name = "";
    /** How many elements have ended and are not told of yet. */
    private int ending;

    private boolean told;

    /**
     * @param bytes told whenever a value has ended
     * @param wanted the attributes to keep; the others are passed over
     * @param flaws told of what was read over, in words for people
     */
    XmlTokens(Reader in, ImportStream bytes, Set<String> wanted, Consumer<String> flaws) {
        this.in = in;
        this.bytes = bytes;
        this.wanted = wanted;
        this.flaws = flaws;
    }

    /** Goes one further. */
    Event next() throws IOException {
        if (told) {
            open.remove(open.size() - 1);
            told = false;
        }
        if (ending > 0) {
            return end();
        }
        while (true) {
            int c = peek();
            if (c < 0) {
                return Event.END_OF_FILE;
            }
            bytes.valueEnded();
            startLine = line;
            if (c != '<') {
                characters();
                return Event.TEXT;
            }
            take();
            c = peek();
            if (c == '/') {
                take();
                if (endTag()) {
                    return end();
                }
            } else if (c == '?') {
                skipTo("?>");
            } else if (c == '!') {
                take();
                Event event = declaration();
                if (event != null) {
                    return event;
                }
            } else if (isNameStart(c)) {
                if (startTag()) {
                    return Event.START;
                }
            } else {
                flaws.accept("a < that is not &lt;");
                text.setLength(0);
                text.append('<');
                return Event.TEXT;
            }
        }
    }

    /** The local name of the element that begins or ends. */
    String name() {
        return name;
    }

    /** How deep in the file that element is: the outermost is at 1. */
    int depth() {
        return open.size();
    }

    /** An attribute of the element that begins, or null. */
    String attribute(String wantedName) {
        return attributes.get(wantedName);
    }

    /** Some of the text that was come to, enough for any value. */
    CharSequence text() {
        return text;
    }

    /** Where what was come to begins. */
    int line() {
        return startLine;
    }

    /** Goes on as if the elements within one at a depth had ended, and it too. */
    void leave(int depth) {
        String last = open.remove(open.size() - 1);
        while (open.size() >= depth) {
            open.remove(open.size() - 1);
        }
        open.add(last);
    }

    private Event end() {
        ending--;
        told = true;
        name = local(open.get(open.size() - 1));
        return Event.END;
    }

    /** @return whether it ends anything */
    private boolean endTag() throws IOException {
        String ended = readName();
        int c;
        while ((c = peek()) >= 0 && c != '>' && c != '<') {
            take();
        }
        if (c == '>') {
            take();
        } else if (c < 0) {
            return false;
        }
        int index = open.lastIndexOf(ended);
        if (index < 0) {
            flaws.accept("the end of an element that never began");
            return false;
        }
        ending = open.size() - index;
        if (ending > 1) {
            flaws.accept("an element that never ends");
        }
        return true;
    }

    /** @return whether it is complete */
    private boolean startTag() throws IOException {
        String raw = readName();
        attributes.clear();
        while (true) {
            int c = blanks();
            if (c < 0) {
                return false;
            }
            if (c == '>' || c == '/' || c == '<') {
                boolean empty = c == '/';
                if (c == '<') {
                    flaws.accept("a tag that never ends");
                } else {
                    take();
                }
                if (empty) {
                    if (peek() != '>') {
                        continue;
                    }
                    take();
                }
                if (open.size() == MAX_DEPTH) {
                    throw new Broken("the rest of the file: it is nested deeper than " + MAX_DEPTH + " levels");
                }
                open.add(raw);
                name = local(raw);
                ending = empty ? 1 : 0;
                return true;
            }
            if (!attribute()) {
                return false;
            }
        }
    }

    private boolean attribute() throws IOException {
        String attribute = readName();
        if (attribute.isEmpty()) {
            flaws.accept("a tag with something in it that is no attribute");
            take();
            return true;
        }
        if (blanks() != '=') {
            flaws.accept("an attribute without a value");
            return peek() >= 0;
        }
        take();
        int quote = blanks();
        boolean quoted = quote == '"' || quote == '\'';
        if (quoted) {
            take();
        } else {
            flaws.accept("an attribute without quotes");
        }
        text.setLength(0);
        int c;
        while ((c = peek()) >= 0 && c != '<' && (quoted ? c != quote : c != '>' && !isBlank(c))) {
            character(take());
        }
        if (c < 0) {
            return false;
        }
        if (quoted && c == quote) {
            take();
        }
        if (wanted.contains(attribute) && attributes.putIfAbsent(attribute, text.toString()) != null) {
            flaws.accept("the attribute " + attribute + ", which is there twice");
        }
        return true;
    }

    private Event declaration() throws IOException {
        StringBuilder start = new StringBuilder();
        for (String known : new String[] {"--", "[CDATA[", "DOCTYPE"}) {
            while (start.length() < known.length() && known.startsWith(start.toString()) && peek() >= 0) {
                start.append((char) take());
            }
            if (start.toString().equals(known)) {
                switch (known) {
                    case "--" -> {
                        skipTo("-->");
                        return null;
                    }
                    case "[CDATA[" -> {
                        text.setLength(0);
                        return cdata() ? Event.TEXT : null;
                    }
                    default -> {
                        return Event.DOCTYPE;
                    }
                }
            }
        }
        skipTo(">");
        return null;
    }

    private boolean cdata() throws IOException {
        int brackets = 0;
        int c;
        while ((c = peek()) >= 0) {
            take();
            if (c == '>' && brackets >= 2) {
                text.setLength(Math.max(0, Math.min(text.length(), MAX_TEXT) - 2));
                return true;
            }
            brackets = c == ']' ? brackets + 1 : 0;
            append((char) c);
        }
        return false;
    }

    private void characters() throws IOException {
        text.setLength(0);
        int c;
        while ((c = peek()) >= 0 && c != '<') {
            character(take());
        }
    }

    /** Takes a character of a text or a value, which may be a reference. */
    private void character(int c) throws IOException {
        if (c == '&') {
            reference();
        } else if (c < ' ' && !isBlank(c) || c == 0xFFFE || c == 0xFFFF) {
            flaws.accept("a character that XML does not allow");
        } else {
            append((char) c);
        }
    }

    private void reference() throws IOException {
        StringBuilder reference = new StringBuilder();
        int c;
        while ((c = peek()) >= 0 && (isNamePart(c) || c == '#') && reference.length() < MAX_REFERENCE) {
            reference.append((char) take());
        }
        if (c != ';' || reference.isEmpty()) {
            flaws.accept("an & that is not &amp;");
            append('&');
            reference.chars().forEach(part -> append((char) part));
            return;
        }
        take();
        Character known = ENTITIES.get(reference.toString());
        if (known != null) {
            append(known);
        } else if (reference.charAt(0) == '#') {
            numbered(reference.substring(1));
        } else {
            flaws.accept("an entity that XML does not know");
        }
    }

    private void numbered(String number) {
        int code = -1;
        try {
            code = number.startsWith("x") ? Integer.parseInt(number.substring(1), 16) : Integer.parseInt(number);
        } catch (NumberFormatException e) {
            // None that there is.
        }
        boolean allowed = code >= ' ' && code <= 0x10FFFF && code != 0xFFFE && code != 0xFFFF
                || code == '\t'
                || code == '\n'
                || code == '\r';
        if (allowed && !(code >= 0xD800 && code <= 0xDFFF)) {
            if (text.length() < MAX_TEXT) {
                text.appendCodePoint(code);
            }
        } else {
            flaws.accept("a character that XML does not allow");
        }
    }

    private void append(char c) {
        if (text.length() < MAX_TEXT) {
            text.append(c);
        }
    }

    private String readName() throws IOException {
        StringBuilder read = new StringBuilder();
        int c;
        while ((c = peek()) >= 0 && isNamePart(c)) {
            take();
            if (read.length() < MAX_NAME) {
                read.append((char) c);
            }
        }
        return read.toString();
    }

    private void skipTo(String end) throws IOException {
        int matched = 0;
        int c;
        while (matched < end.length() && (c = peek()) >= 0) {
            take();
            if (c == end.charAt(matched)) {
                matched++;
            } else if (!(matched == 2 && c == '-')) {
                matched = c == end.charAt(0) ? 1 : 0;
            }
        }
    }

    private int blanks() throws IOException {
        int c;
        while ((c = peek()) >= 0 && isBlank(c)) {
            take();
        }
        return c;
    }

    private static boolean isBlank(int c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    private static boolean isNameStart(int c) {
        return c == '_' || c == ':' || Character.isLetter(c);
    }

    private static boolean isNamePart(int c) {
        return isNameStart(c) || c == '-' || c == '.' || Character.isDigit(c);
    }

    private static String local(String raw) {
        return raw.substring(raw.lastIndexOf(':') + 1);
    }

    private int peek() throws IOException {
        if (position == limit) {
            limit = Math.max(0, in.read(buffer, 0, buffer.length));
            position = 0;
            if (limit == 0) {
                return -1;
            }
        }
        return buffer[position];
    }

    private int take() throws IOException {
        int c = peek();
        if (c >= 0) {
            position++;
            line += c == '\n' ? 1 : 0;
        }
        return c;
    }
}
