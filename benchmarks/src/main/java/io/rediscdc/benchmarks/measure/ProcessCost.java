package io.rediscdc.benchmarks.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** What running processes have used. */
public final class ProcessCost {

    private static final String PEAK = "VmHWM:";
    /** Of /proc's times, on every Linux of today. */
    private static final double TICKS_PER_SECOND = 100;
    /** Where /proc's stat has cutime, counted from the third field; cstime follows. */
    private static final int CHILDREN_USER = 13;

    private ProcessCost() {}

    /**
     * CPU seconds since its start, of user and system, in steps of 0.01; 0 if it is gone. With those of its children that
     * have ended: a Redis writes its snapshots in one.
     */
    public static double cpuSeconds(long pid) {
        return ProcessHandle.of(pid).map(ProcessCost::cpuSeconds).orElse(0.0);
    }

    /** As {@link #cpuSeconds}, with those of all its descendants that run. */
    public static double treeCpuSeconds(long pid) {
        return tree(pid).mapToDouble(ProcessCost::cpuSeconds).sum();
    }

    /** Peak resident set since its start, in MB; 0 where there is no /proc, or it is gone. */
    public static double peakMb(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return lines.filter(line -> line.startsWith(PEAK))
                    .mapToDouble(ProcessCost::megabytes)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /** The sum of the peaks of a process and its descendants that run. */
    public static double treePeakMb(long pid) {
        return tree(pid).mapToDouble(process -> peakMb(process.pid())).sum();
    }

    private static Stream<ProcessHandle> tree(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()));
    }

    private static double cpuSeconds(ProcessHandle process) {
        return process.info().totalCpuDuration().map(Duration::toMillis).orElse(0L) / 1000.0
                + endedChildrenSeconds(process.pid());
    }

    /** 0 where there is no /proc, or it is gone. */
    private static double endedChildrenSeconds(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The second field, a name in brackets, may have blanks in it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[CHILDREN_USER]) + Long.parseLong(fields[CHILDREN_USER + 1]))
                    / TICKS_PER_SECOND;
        } catch (IOException e) {
            return 0;
        }
    }

    /** As in {@code VmHWM:     1024 kB}. */
    private static double megabytes(String line) {
        return Double.parseDouble(
                        line.substring(PEAK.length()).replace("kB", "").strip())
                / 1024;
    }
}
