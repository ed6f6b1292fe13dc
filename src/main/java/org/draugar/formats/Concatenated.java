package org.draugar.formats;

import java.io.IOException;
import java.io.Reader;

/**
 * JSON values that follow one another, such as one on each line, as one array of them: so that a parser reads them all.
 */
final class Concatenated extends Reader {
    private final Reader in;
    private final char[] buffer = new char[8192];
    private int position;
    private int limit;
    private int depth;
    private boolean inText;
    private boolean escaped;
    /** Whether a value has ended, so that another one needs a comma before it. */
    private boolean between;

    private boolean begun;
    private boolean ended;

    Concatenated(Reader in) {
        this.in = in;
    }

    @Override
    public int read(char[] target, int start, int length) throws IOException {
        int count = 0;
        if (!begun && length > 0) {
            begun = true;
            target[start + count++] = '[';
        }
        while (count < length) {
            if (position == limit) {
                if (count > 0 && limit > 0) {
                    limit = 0;
                    position = 0;
                    return count;
                }
                limit = Math.max(0, in.read(buffer, 0, buffer.length));
                position = 0;
                if (limit == 0) {
                    // A value that is cut off must not look as if it were whole.
                    if (!ended && depth == 0 && !inText) {
                        ended = true;
                        target[start + count++] = ']';
                    }
                    return count == 0 ? -1 : count;
                }
            }
            char c = buffer[position];
            if (between && (c == '{' || c == '[')) {
                between = false;
                target[start + count++] = ',';
                continue;
            }
            position++;
            target[start + count++] = c;
            follow(c);
        }
        return count;
    }

    private void follow(char c) {
        if (inText) {
            inText = escaped || c != '"';
            escaped = !escaped && c == '\\';
            return;
        }
        switch (c) {
            case '"' -> inText = true;
            case '{', '[' -> depth++;
            case '}', ']' -> {
                depth--;
                between = depth == 0;
            }
            case ',' -> between = false;
            default -> {}
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
