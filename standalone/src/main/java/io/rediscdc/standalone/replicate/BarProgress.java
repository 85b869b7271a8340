package io.rediscdc.standalone.replicate;

import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress on a terminal: a bar for keys, one line that is written over for the lag. */
final class BarProgress implements Progress {

    private final PrintStream out;
    private final int columns;
    private ProgressBar bar;
    private String task = "";
    private boolean lineOpen;

    BarProgress(PrintStream out, int columns) {
        this.out = out;
        this.columns = columns;
    }

    @Override
    public void note(String text) {
        endLine();
        out.println(text);
    }

    @Override
    public void keys(String name, long done, long total) {
        if (bar == null || !task.equals(name)) {
            endLine();
            task = name;
            bar = new ProgressBarBuilder()
                    .setTaskName(name)
                    .setInitialMax(total)
                    .setUpdateIntervalMillis(200)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUnit(" keys", 1)
                    .showSpeed(new DecimalFormat("#,##0", DecimalFormatSymbols.getInstance(Locale.ROOT)))
                    // With a width: else it asks JLine, which takes Ctrl-C away from us.
                    .setConsumer(new ConsoleProgressBarConsumer(out, columns - 1))
                    .build();
        }
        bar.maxHint(Math.max(total, done));
        bar.stepTo(done);
    }

    @Override
    public void lag(long bytes, double recordsPerSecond) {
        closeBar();
        // Erases what a longer line before this one left.
        out.print("\r" + Progress.lagText(bytes, recordsPerSecond) + "\u001b[K");
        out.flush();
        lineOpen = true;
    }

    @Override
    public void pause() {
        endLine();
        out.flush();
    }

    private void endLine() {
        closeBar();
        if (lineOpen) {
            out.println();
            lineOpen = false;
        }
    }

    private void closeBar() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
