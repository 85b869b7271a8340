package io.rediscdc.standalone.replicate;

import java.io.PrintStream;
import java.util.Locale;

/** Tells people how far a run has come. On a terminal with a bar that moves, elsewhere with a line now and then. */
public interface Progress extends AutoCloseable {

    /**
     * To the given stream.
     *
     * @param columns width of the terminal that it is, 0 if it is none
     */
    static Progress to(PrintStream out, int columns) {
        return columns > 0 ? new BarProgress(out, columns) : new LineProgress(out);
    }

    /** A line that stays. */
    void note(String text);

    /** So many keys of so many; {@code task} names what is done with them. */
    void keys(String task, long done, long total);

    /** How far the target is behind, and how fast it is fed. */
    void lag(long bytes, double recordsPerSecond);

    /** Ends what is being drawn: another stream writes to the same terminal next. */
    void pause();

    @Override
    default void close() {
        pause();
    }

    /** The text of {@link #lag}. */
    static String lagText(long bytes, double recordsPerSecond) {
        return String.format(Locale.ROOT, "live: lag %,d bytes, %,.0f changes/s", bytes, recordsPerSecond);
    }
}
