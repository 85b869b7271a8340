package io.rediscdc.benchmarks.loop;

import io.rediscdc.benchmarks.load.Dataset;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbReader;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** An RDB file to keys with their raw values (DUMP payloads): per key. */
@State(Scope.Thread)
public class RdbDecode {

    private static final int KEYS = 100_000;

    @Param({"STRINGS", "MIXED"})
    private Dataset dataset;

    @Param({"false", "true"})
    private boolean compressed;

    private byte[] file;

    @Setup
    public void save() {
        file = SampleRdb.of(dataset, KEYS, compressed);
    }

    @Benchmark
    @OperationsPerInvocation(KEYS)
    public void keys(Blackhole hole) throws IOException {
        RdbReader reader = new RdbReader(new ArrayInput(file), 1 << 26);
        for (RdbItem item = reader.next(); item != null; item = reader.next()) {
            hole.consume(item);
        }
    }
}
