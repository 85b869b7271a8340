package io.rediscdc.benchmarks.loop;

import io.rediscdc.benchmarks.load.Dataset;
import io.rediscdc.command.rebuild.RebuildLimits;
import io.rediscdc.command.rebuild.RebuildOutput;
import io.rediscdc.command.rebuild.TargetAbilities;
import io.rediscdc.command.rebuild.Unsupported;
import io.rediscdc.command.rebuild.ValueRebuild;
import io.rediscdc.converter.ChangeConverter;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.model.Change;
import io.rediscdc.model.Flavour;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.record.ChangeSchema;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Values of mixed keys, dumps or elements, as the commands that write them: for a target that takes no dumps; per key. */
@State(Scope.Thread)
public class ValueCommands {

    private static final int KEYS = 10_000;
    private static final int MAX_TYPED_BYTES = 1_000_000;

    private final ValueRebuild rebuild =
            new ValueRebuild(TargetAbilities.of(Flavour.REDIS, 8, 0), DecodeLimits.DEFAULT, RebuildLimits.DEFAULT);
    private final RespBuffer buffer = new RespBuffer(1 << 20);
    private final RebuildOutput output = new RebuildOutput() {
        @Override
        public void command(byte[][] args) {
            buffer.command(args);
        }

        @Override
        public void unsupported(Unsupported what) {
            throw new IllegalStateException("not in the samples: " + what);
        }
    };

    @Param({"false", "true"})
    private boolean typed;

    private List<Change> changes;

    @Setup
    public void prepare() {
        changes = Samples.states(Dataset.MIXED, KEYS);
        if (typed) {
            changes = changes.stream().map(ValueCommands::read).toList();
        }
    }

    @Benchmark
    @OperationsPerInvocation(KEYS)
    public int rebuild() {
        int bytes = 0;
        for (Change change : changes) {
            buffer.clear();
            io.rediscdc.model.State state = change.state();
            if (state.value() == null) {
                rebuild.rebuild(state.dump(), Flavour.REDIS, change.key().key(), output);
            } else {
                rebuild.rebuild(state.type(), state.value(), change.key().key(), output);
            }
            bytes += buffer.length();
        }
        return bytes;
    }

    /** As a sink reads it, off the bytes of a record with its elements. */
    private static Change read(Change change) {
        ChangeCodec codec = ChangeCodec.typed(MAX_TYPED_BYTES);
        ChangeConverter converter = new ChangeConverter();
        byte[] value = converter.fromConnectData("redis", ChangeSchema.VALUE, codec.value(change));
        return codec.change(
                codec.key(change.key()), converter.toConnectData("redis", value).value());
    }
}
