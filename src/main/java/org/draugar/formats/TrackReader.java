package org.draugar.formats;

import java.io.IOException;

/** Reads the positions of one family of formats. */
interface TrackReader {
    /**
     * Reads a whole file. What breaks in the middle of it is counted and ends the reading; what came before stays.
     *
     * @return the name of the format
     * @throws UnknownFormat when the file is of another format
     * @throws IOException of the stream itself
     */
    String read(ImportStream in, Tally tally) throws IOException, UnknownFormat;
}
