package io.rediscdc.source.replica;

import io.rediscdc.model.Position;
import io.rediscdc.source.capture.Chain;
import io.rediscdc.source.capture.Stamper;

/** Every command of the stream is a change. Nothing is handed out before it has been read, and nothing is read back. */
final class InCommands implements HistoryForm {

    private final int maxRecordBytes;
    private final KeyChanges none = new KeyChanges(new StateOptions(0, 0, false));

    InCommands(ReplicaOptions options) {
        this.maxRecordBytes = options.maxRecordBytes();
    }

    @Override
    public boolean isAheadOf(Node node, ResumePoint from, Position last) {
        return false;
    }

    @Override
    public void checkContinued(Node node, String replid) {
        // Whatever the server calls the history that it continues, its commands are those.
    }

    @Override
    public long firstIndex(long epoch) {
        return 0;
    }

    @Override
    public StreamDecoder stream(Spool spool, Chain chain, Stamper stamper, long offset, int db, Runnable onGetAck) {
        return new StreamDecoder(spool, chain, stamper, offset, db, maxRecordBytes, onGetAck);
    }

    @Override
    public KeyChanges keyChanges() {
        return none;
    }
}
