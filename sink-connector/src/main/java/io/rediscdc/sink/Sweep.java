package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.sink.sweep.Fingerprint;
import io.rediscdc.sink.sweep.Fingerprints;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds what the target holds and a snapshot does not, and removes it where the target is ours: chunk by chunk, each in a
 * MULTI/EXEC with the checkpoint of before the snapshot's end, so that a writer who was replaced removes nothing. It can be
 * interrupted; what was removed is then not found again. No key that the snapshot has is touched at any time.
 *
 * <p>All changes before the snapshot's end have to be applied before, and none after it. Not thread-safe.
 */
final class Sweep {

    private static final int SCAN_COUNT = 1_000;
    private static final int CHUNK = 1_000;

    private final OpenSnapshot snapshot;
    private final TargetSession session;
    private final SideWrite writes;
    private final boolean removing;
    private final Scope scope;
    private final int passes;

    private int pass;
    private List<Integer> databases;
    private int database;
    private String cursor = "0";
    private boolean librariesDone;

    /** What the chunk under way, or being filled, is about: by fingerprint, since SCAN can name a key twice. */
    private final Map<Long, byte[]> vanished = new HashMap<>();

    private long seen;
    private long keys;
    private int libraries;

    /** Of which keys of the target the snapshot speaks. */
    interface Scope {

        /** Whether one that the snapshot does not have is to go. */
        boolean covers(ChangeKey vanished);

        /** Whether a function library that it does not have is to go. */
        boolean coversLibraries();
    }

    /** @param removing false to count only */
    Sweep(OpenSnapshot snapshot, TargetSession session, SideWrite writes, boolean removing, Scope scope) {
        this.scope = scope;
        this.snapshot = snapshot;
        this.session = session;
        this.writes = writes;
        this.removing = removing;
        this.passes = snapshot.fingerprints().passes();
        restart();
    }

    /** What was under way on a connection that is lost is looked for again. */
    void restart() {
        pass = 0;
        databases = null;
        database = 0;
        cursor = "0";
        librariesDone = false;
        vanished.clear();
        if (!removing) {
            keys = 0;
            libraries = 0;
        }
        seen = 0;
        snapshot.fingerprints().begin(0);
    }

    /**
     * Goes on until it is done or the time is up.
     *
     * @param durable the checkpoint as it stands
     * @return whether it is done
     * @throws RedisCdcException CONNECTION if the target does not answer: it can be gone on with, after {@link #restart} on
     *     a new connection
     */
    boolean run(Checkpoint durable, long deadlineNanos) {
        while (true) {
            if (session.isAwaiting()) {
                settle();
            }
            if (pass == passes && librariesDone) {
                return true;
            }
            if (System.nanoTime() - deadlineNanos > 0) {
                return false;
            }
            if (pass < passes) {
                scan(durable);
            } else {
                sweepLibraries(durable);
            }
        }
    }

    boolean isRemoving() {
        return removing;
    }

    /** Keys looked at so far, in all passes. */
    long seen() {
        return seen;
    }

    /** Keys that the snapshot does not have: removed, or only found. */
    long keys() {
        return keys;
    }

    /** Function libraries that the snapshot does not have: removed, or only found. */
    int libraries() {
        return libraries;
    }

    private void scan(Checkpoint durable) {
        if (databases == null) {
            databases = new TargetKeyspace(session.connection()).databases();
        }
        if (database < databases.size()) {
            int db = databases.get(database);
            cursor = session.connection().reader().scan(db, cursor, null, SCAN_COUNT, found -> look(db, found));
            boolean ended = cursor.equals("0");
            if (vanished.size() >= CHUNK || (ended && !vanished.isEmpty())) {
                if (removing) {
                    Batch chunk = writes.batch();
                    chunk.unlink(db, vanished.values());
                    writes.send(chunk, durable);
                } else {
                    keys += vanished.size();
                    vanished.clear();
                }
            }
            if (ended) {
                database++;
            }
        } else {
            database = 0;
            pass++;
            if (pass < passes) {
                snapshot.fingerprints().begin(pass);
            }
        }
    }

    private void look(int db, byte[] found) {
        seen++;
        if (ChangeKey.isReserved(found)) {
            return;
        }
        Fingerprints snapshotKeys = snapshot.fingerprints();
        long fingerprint = Fingerprint.of(db, found);
        if (snapshotKeys.covers(fingerprint)
                && !snapshotKeys.contains(fingerprint)
                && scope.covers(new ChangeKey(db, found))) {
            vanished.put(fingerprint, found);
        }
    }

    private void sweepLibraries(Checkpoint durable) {
        librariesDone = true;
        if (!scope.coversLibraries()) {
            return;
        }
        Batch batch = writes.batch();
        int found = 0;
        for (byte[] name : session.connection().reader().functionLibraries()) {
            if (!snapshot.mayHaveLibrary(new String(name, StandardCharsets.UTF_8))) {
                batch.deleteLibrary(name);
                found++;
            }
        }
        libraries += found;
        if (found > 0 && removing) {
            writes.send(batch, durable);
        }
    }

    private void settle() {
        writes.settle();
        keys += vanished.size();
        vanished.clear();
    }
}
