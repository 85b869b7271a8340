package io.rediscdc.chaos;

import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisConnectionException;
import io.rediscdc.standalone.redis.RedisErrorException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One fault after another, or two that overlap, until the time is over; after each the flow has to move again. */
final class ChaosRun {

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /** After which it is looked whether the broker hangs by itself. */
    private static final Duration HELP = Duration.ofSeconds(30);

    private static final int LOOKS = 100;
    private static final String PROBE = "chaos:probe";

    private final ChaosBed bed;
    private final Writer writer;
    private final ChaosOptions options;
    private final ChaosReport report;
    private final Random random;
    private final List<Fault> deck = new ArrayList<>();
    private int probes;
    private long lastLook;

    ChaosRun(ChaosBed bed, Writer writer, ChaosOptions options, ChaosReport report) {
        this.bed = bed;
        this.writer = writer;
        this.options = options;
        this.report = report;
        this.random = new Random(options.seed());
    }

    /** @throws AssertionError if a task fails, a transaction is seen torn, or the flow stands still */
    void run() {
        long end = System.nanoTime() + options.duration().toNanos();
        awaitMoved();
        while (System.nanoTime() < end && report.faults() < options.faults()) {
            settle();
            pause(random.nextInt(1500));
            Fault first = draw();
            Fault second = random.nextInt(100) < options.pairs() ? partner(first) : null;
            if (second == null) {
                alone(first);
            } else {
                overlapping(first, second, random.nextInt(2500));
            }
        }
        settle();
    }

    private void alone(Fault fault) {
        long start = System.nanoTime();
        fault.inflict(bed, writer, new Random(random.nextLong()));
        awaitMoved();
        report.alone(fault, millisSince(start));
    }

    private void overlapping(Fault first, Fault second, int delayMs) {
        long start = System.nanoTime();
        Random ofSecond = new Random(random.nextLong());
        CompletableFuture<Void> parallel = CompletableFuture.runAsync(
                () -> second.inflict(bed, writer, ofSecond),
                CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS));
        first.inflict(bed, writer, new Random(random.nextLong()));
        parallel.join();
        awaitMoved();
        report.overlapping(first, second, millisSince(start));
    }

    /** Each kind comes as often as its share says, in an order of its own every time. */
    private Fault draw() {
        if (deck.isEmpty()) {
            for (Fault fault : options.kinds()) {
                deck.addAll(Collections.nCopies(options.even() ? 1 : fault.share(), fault));
            }
            Collections.shuffle(deck, random);
        }
        return deck.remove(deck.size() - 1);
    }

    /** Another kind from the deck that may be under way at the same time, null if there is none. */
    private Fault partner(Fault first) {
        for (int i = deck.size() - 1; i >= 0; i--) {
            Fault second = deck.get(i);
            if (second != first && !(first.killsSource() && second.killsSource())) {
                return deck.remove(i);
            }
        }
        return null;
    }

    /** Everything is in its place, and read beyond where the replica's backlog begins. */
    private void settle() {
        bed.source().awaitReplica();
        awaitMoved();
    }

    /** Waits until all that has been written is at the target, nobody writing any more. */
    void finish() {
        awaitMoved();
    }

    /** Waits until something written now is at the target. */
    private void awaitMoved() {
        String probe = "" + ++probes;
        long start = System.nanoTime();
        long nextHelp = start + HELP.toNanos();
        try (RedisConnection source = RedisConnection.open(bed.source().master())) {
            source.call("SET", PROBE, probe);
        }
        while (!isAtTarget(probe)) {
            long now = System.nanoTime();
            if (now - start > PATIENCE.toNanos()) {
                throw new AssertionError("nothing has moved for " + PATIENCE.toSeconds() + " s after " + report.faults()
                        + " faults; see " + bed.worker().log());
            }
            if (now - nextHelp > 0) {
                nextHelp = now + HELP.toNanos();
                report.hanging(new HangingTransactions(bed.broker().bootstrap()).abort());
            }
            pause(10);
            check();
        }
        check();
    }

    private boolean isAtTarget(String probe) {
        try (RedisConnection target = RedisConnection.open(bed.targetUri())) {
            for (int look = 0; !probe.equals(target.text("GET", PROBE)); look++) {
                if (look == LOOKS) {
                    return false;
                }
                ChaosBed.TargetView view = bed.view(target);
                if (!view.inSnapshot() && view.sum() != 0) {
                    throw new AssertionError("the accounts' sum at the target is " + view.sum()
                            + ": a transaction was applied by halves, or not once");
                }
                check();
                pause(10);
            }
            return true;
        } catch (RedisConnectionException | RedisErrorException e) {
            return false;
        }
    }

    private void check() {
        writer.check();
        if (System.nanoTime() - lastLook > TimeUnit.SECONDS.toNanos(1)) {
            lastLook = System.nanoTime();
            String failure = bed.failure();
            if (failure != null) {
                throw new AssertionError("failed after " + report.faults() + " faults: " + failure);
            }
        }
    }

    private static long millisSince(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
