package io.rediscdc.sink;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.sink.expiry.Expiry;
import io.rediscdc.sink.expiry.Lift;
import io.rediscdc.sink.expiry.TtlState;
import io.rediscdc.sink.target.TargetConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings lifted expire times down to what they are at the source, step by step between the changes of a flow that has
 * caught up: of the keys that are known to have one, or, if those are not known, of all keys of the target. Times that are
 * about to pass stay lifted, since the history will delete their keys. Not thread-safe.
 */
final class Tightening {

    private static final Logger log = LoggerFactory.getLogger(Tightening.class);
    private static final int CHUNK = 1_000;

    private final TopicPartition partition;
    private final TargetSession session;
    private final SideWrite writes;
    private final Expiry expiry;
    private final DatabaseMap map;
    private final Predicate<byte[]> isOurs;

    /** What is left of looking at all keys, null outside that. */
    private List<Integer> databases;

    private String cursor;
    private long tightened;

    /** @param isOurs whether a key that is in the target is looked at */
    Tightening(
            TopicPartition partition,
            TargetSession session,
            SideWrite writes,
            Expiry expiry,
            DatabaseMap map,
            Predicate<byte[]> isOurs) {
        this.map = map;
        this.isOurs = isOurs;
        this.partition = partition;
        this.session = session;
        this.writes = writes;
        this.expiry = expiry;
    }

    /** Keys whose time has been brought down. */
    long tightened() {
        return tightened;
    }

    /** The connection was lost: another server may have answered, with other cursors. */
    void reconnected() {
        if (databases != null) {
            databases = null;
            expiry.lifted().loseTrack();
        }
    }

    /**
     * Takes one step.
     *
     * @param durable the checkpoint as it stands
     * @return the checkpoint as it stands then
     * @throws io.rediscdc.error.RedisCdcException CONNECTION, TARGET_REJECTED
     */
    Checkpoint step(Checkpoint durable) {
        try {
            return attempt(durable);
        } catch (RuntimeException e) {
            databases = null;
            expiry.lifted().loseTrack();
            throw e;
        }
    }

    private Checkpoint attempt(Checkpoint durable) {
        if (expiry.lifted().areAnywhere()) {
            expiry.lifted().lookingEverywhere();
            databases = new TargetKeyspace(session.connection()).databases();
            databases.removeIf(db -> !map.isTarget(db));
            cursor = "0";
        }
        expiry.tightening();
        List<ChangeKey> keys = (databases == null ? expiry.lifted().poll(CHUNK) : scan())
                .stream().filter(key -> isOurs.test(key.key())).toList();
        // While all keys were looked at, changes may have lifted more, behind where the look was.
        if (keys.isEmpty() && databases == null && expiry.lifted().isEmpty()) {
            expiry.tightened();
            log.debug("{}: expire times at the target are exact again", partition);
            return write(writes.batch(), durable.with(TtlState.EXACT));
        }
        return keys.isEmpty() ? durable : tighten(keys, durable);
    }

    private List<ChangeKey> scan() {
        List<ChangeKey> found = new ArrayList<>();
        if (databases.isEmpty()) {
            databases = null;
            return found;
        }
        int db = databases.get(0);
        cursor = session.connection().reader().scan(db, cursor, null, CHUNK, key -> {
            // Those of other partitions may still have to be lifted.
            if (isOurs.test(key)) {
                found.add(new ChangeKey(db, key));
            }
        });
        if (cursor.equals("0")) {
            databases.remove(0);
        }
        return found;
    }

    private Checkpoint tighten(List<ChangeKey> keys, Checkpoint durable) {
        TargetConnection target = session.connection();
        long[] times = target.reader().expireTimes(keys);
        Batch batch = writes.batch();
        int count = 0;
        for (int i = 0; i < times.length; i++) {
            if (expiry.isToBeTightened(times[i])) {
                batch.expireAt(keys.get(i), Lift.down(times[i]));
                count++;
            }
        }
        if (count == 0) {
            return durable;
        }
        tightened += count;
        return write(batch, durable.with(TtlState.MIXED));
    }

    private Checkpoint write(Batch batch, Checkpoint checkpoint) {
        writes.run(batch, checkpoint);
        return checkpoint;
    }
}
