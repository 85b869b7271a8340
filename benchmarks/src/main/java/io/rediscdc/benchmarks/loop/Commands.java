package io.rediscdc.benchmarks.loop;

import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.Crc64;
import io.rediscdc.format.resp.CommandReader;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.slot.Slot;
import java.io.IOException;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** SETs of 100 bytes off the stream and back to bytes, the slot of their keys, the checksum of their values: per command. */
@State(Scope.Thread)
public class Commands {

    private static final int COUNT = 10_000;

    private final List<byte[][]> sets = Samples.sets(COUNT);
    private final RespBuffer buffer = new RespBuffer(1 << 21);
    private byte[] stream;

    @Setup
    public void encodeAll() {
        stream = encoded().toByteArray();
    }

    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void respDecode(Blackhole hole) throws IOException {
        CommandReader reader = new CommandReader(new ArrayInput(stream));
        for (int i = 0; i < COUNT; i++) {
            hole.consume(reader.next());
        }
    }

    @Benchmark
    @OperationsPerInvocation(COUNT)
    public int commandEncode() {
        return encoded().length();
    }

    @Benchmark
    @OperationsPerInvocation(COUNT)
    public int slot() {
        int slots = 0;
        for (byte[][] set : sets) {
            slots += Slot.of(set[1]);
        }
        return slots;
    }

    @Benchmark
    @OperationsPerInvocation(COUNT)
    public long crc64() {
        long crc = 0;
        for (byte[][] set : sets) {
            crc ^= Crc64.update(0, set[2], 0, set[2].length);
        }
        return crc;
    }

    private RespBuffer encoded() {
        buffer.clear();
        for (byte[][] set : sets) {
            buffer.command(set);
        }
        return buffer;
    }
}
