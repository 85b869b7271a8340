package io.rediscdc.source;

import io.rediscdc.model.Change;
import io.rediscdc.source.replica.GoneShard;
import io.rediscdc.source.replica.ResumePoint;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceTaskContext;

/** What is left to publish of a shard that there is no more. */
final class GoneReader extends ShardReader {

    private final GoneShard shard;

    private GoneReader(SourceConfig config, Map<String, String> partition, GoneShard shard, ResumePoint from) {
        super(config, partition, shard, SourceOffset.write(from));
        this.shard = shard;
    }

    /** Goes on where the offset of its last reader is; says nothing if there is none. */
    static GoneReader open(SourceConfig config, String shard, SourceTaskContext context) {
        Map<String, String> partition = SourceOffset.partition(config.sourceName(), shard);
        ResumePoint from = ReplicaReader.resumePoint(config, partition, context);
        return new GoneReader(config, partition, new GoneShard(shard, from, System::currentTimeMillis), from);
    }

    @Override
    Map<String, Object> offset() {
        return SourceOffset.write(shard.resumePoint());
    }

    @Override
    void refreshMetrics() {
        // It has none.
    }

    @Override
    Deliveries.Batch handsOut(List<Change> changes) {
        return null;
    }

    /** It makes up for no shard that is away. */
    @Override
    long detachedMs() {
        return Long.MAX_VALUE;
    }

    @Override
    void delivered(ChangeRecord record) {
        // Nobody asks.
    }

    @Override
    void dropped(ChangeRecord record) {
        // Nobody asks.
    }
}
