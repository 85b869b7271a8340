package io.rediscdc.standalone.replicate;

import java.io.PrintStream;
import java.util.Locale;

/** Progress in lines, at most one every few seconds: for logs. */
final class LineProgress implements Progress {

    private static final long INTERVAL_NS = 3_000_000_000L;

    private final PrintStream out;
    private String task = "";
    private long taskStart;
    private long lastLine;

    LineProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void note(String text) {
        out.println(text);
    }

    @Override
    public void keys(String name, long done, long total) {
        long now = System.nanoTime();
        if (!task.equals(name)) {
            task = name;
            taskStart = now;
            lastLine = now;
        }
        if (now - lastLine >= INTERVAL_NS) {
            lastLine = now;
            double perSecond = done / Math.max(0.001, (now - taskStart) / 1e9);
            out.printf(Locale.ROOT, "%s: %,d of %,d keys, %,.0f keys/s%n", name, done, total, perSecond);
        }
    }

    @Override
    public void lag(long bytes, double recordsPerSecond) {
        long now = System.nanoTime();
        if (now - lastLine >= INTERVAL_NS) {
            lastLine = now;
            out.println(Progress.lagText(bytes, recordsPerSecond));
        }
    }

    @Override
    public void pause() {
        out.flush();
    }
}
