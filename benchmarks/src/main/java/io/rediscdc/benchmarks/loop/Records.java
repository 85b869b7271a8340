package io.rediscdc.benchmarks.loop;

import io.rediscdc.benchmarks.load.Dataset;
import io.rediscdc.converter.ChangeConverter;
import io.rediscdc.model.Change;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.record.ChangeSchema;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A change to Connect's record, to the topic's bytes, and back: per change. */
@State(Scope.Thread)
public class Records {

    /** What a change is: a state of a snapshot, as a dump or (TYPED) with its elements, or a command of the stream. */
    public enum Kind {
        STRING,
        MIXED,
        TYPED,
        COMMAND
    }

    private static final int COUNT = 1 << 10;
    private static final Map<String, String> PARTITION = Map.of("shard", "0");
    private static final Map<String, String> OFFSET = Map.of("pos", "1795233155448:1048576:0");

    private static final int MAX_TYPED_BYTES = 1_000_000;

    private final ChangeConverter converter = new ChangeConverter();
    private final Change[] changes = new Change[COUNT];
    private final Struct[] keys = new Struct[COUNT];
    private final Struct[] values = new Struct[COUNT];
    private final byte[][] keyBytes = new byte[COUNT][];
    private final byte[][] valueBytes = new byte[COUNT][];
    private ChangeCodec codec = new ChangeCodec();
    private int next;

    @Param
    private Kind kind;

    @Setup
    public void prepare() {
        List<Change> samples =
                switch (kind) {
                    case STRING -> Samples.states(Dataset.STRINGS, COUNT);
                    case MIXED, TYPED -> Samples.states(Dataset.MIXED, COUNT);
                    case COMMAND -> Samples.commands(COUNT);
                };
        if (kind == Kind.TYPED) {
            codec = ChangeCodec.typed(MAX_TYPED_BYTES);
        }
        for (int i = 0; i < COUNT; i++) {
            changes[i] = samples.get(i);
            keys[i] = codec.key(changes[i].key());
            values[i] = codec.value(changes[i]);
            keyBytes[i] = converter.fromConnectData("redis", ChangeSchema.KEY, keys[i]);
            valueBytes[i] = converter.fromConnectData("redis", ChangeSchema.VALUE, values[i]);
        }
    }

    /** What the source task hands to the worker, key and value with it. */
    @Benchmark
    public SourceRecord build() {
        Change change = changes[index()];
        return new SourceRecord(
                PARTITION,
                OFFSET,
                "redis",
                0,
                ChangeSchema.KEY,
                codec.key(change.key()),
                ChangeSchema.VALUE,
                codec.value(change),
                change.stamp().tsMs());
    }

    /** Key and value to bytes. */
    @Benchmark
    public int write() {
        int i = index();
        return converter.fromConnectData("redis", ChangeSchema.KEY, keys[i]).length
                + converter.fromConnectData("redis", ChangeSchema.VALUE, values[i]).length;
    }

    /** Bytes to key and value. */
    @Benchmark
    public boolean read() {
        int i = index();
        return converter.toConnectData("redis", keyBytes[i]).value()
                == converter.toConnectData("redis", valueBytes[i]).value();
    }

    /** Bytes to the change that the sink applies. */
    @Benchmark
    public Change readChange() {
        int i = index();
        return codec.change(
                converter.toConnectData("redis", keyBytes[i]).value(),
                converter.toConnectData("redis", valueBytes[i]).value());
    }

    private int index() {
        next = (next + 1) & (COUNT - 1);
        return next;
    }
}
