package io.rediscdc.standalone.replicate;

import java.util.ArrayDeque;
import java.util.Deque;

/** How fast a number has grown over the last few seconds. */
final class Rate {

    private static final long WINDOW_NS = 3_000_000_000L;

    private record Sample(long timeNs, long value) {}

    private final Deque<Sample> samples = new ArrayDeque<>();

    void add(long timeNs, long value) {
        samples.addLast(new Sample(timeNs, value));
        while (samples.size() > 2 && timeNs - samples.getFirst().timeNs() > WINDOW_NS) {
            samples.removeFirst();
        }
    }

    /** 0 until two values are known, or if it has shrunk. */
    double perSecond() {
        if (samples.size() < 2) {
            return 0;
        }
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        double seconds = (last.timeNs() - first.timeNs()) / 1e9;
        return seconds <= 0 ? 0 : Math.max(0, (last.value() - first.value()) / seconds);
    }
}
