package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Position;
import io.rediscdc.source.capture.Chain;
import io.rediscdc.source.capture.Stamper;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The states of the keys that the stream changes. They are read from the server behind what has been read of the stream, and so
 * are handed out ahead of the point to resume from: that stays before the first change whose state is not out.
 */
final class InStates implements HistoryForm {

    private static final Logger LOG = LoggerFactory.getLogger(InStates.class);

    private final int maxRecordBytes;
    private final long wholeBytes;
    private final KeyChanges keyChanges;

    InStates(ReplicaOptions options) {
        this.maxRecordBytes = options.maxRecordBytes();
        this.wholeBytes = Math.max(maxRecordBytes, options.link().spool().memoryBytes() / 8);
        this.keyChanges = new KeyChanges(options.states());
    }

    @Override
    public boolean isAheadOf(Node node, ResumePoint from, Position last) {
        if (last.epoch() != from.epoch() || node.state().shares(from.replid(), last.offset())) {
            return false;
        }
        LOG.warn(
                "{} has not had all of the history {} up to {}, of which states have been handed out: a full"
                        + " resynchronisation takes back what it has not",
                node.link().node(),
                from.replid(),
                last.offset());
        return true;
    }

    /** What {@link #isAheadOf} has found out is of the history that the server had when it was asked. */
    @Override
    public void checkContinued(Node node, String replid) {
        if (!node.state().shares(replid, 0)) {
            throw new RedisCdcException(
                    Category.CONNECTION, node.link().node() + " has got another history since it was asked");
        }
    }

    /** States that are read again after a restart come later than those before: by the microseconds since the epoch began. */
    @Override
    public long firstIndex(long epoch) {
        return TimeUnit.MILLISECONDS.toMicros(Math.max(0, System.currentTimeMillis() - epoch));
    }

    @Override
    public StreamDecoder stream(Spool spool, Chain chain, Stamper stamper, long offset, int db, Runnable onGetAck) {
        Position last = chain.last(0);
        keyChanges.begin(last.epoch() == stamper.epoch() ? last.offset() : 0);
        return new StreamDecoder(spool, chain, stamper, offset, db, maxRecordBytes, wholeBytes, onGetAck, keyChanges);
    }

    @Override
    public KeyChanges keyChanges() {
        return keyChanges;
    }
}
