package io.rediscdc.benchmarks.loop;

import io.rediscdc.benchmarks.load.Dataset;
import io.rediscdc.model.Change;
import io.rediscdc.record.ChangeHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.storage.StringConverter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A change's headers to the topic's bytes, and back, as the worker has them converted: per change. */
@State(Scope.Thread)
public class Headers {

    /** Who converts them. */
    public enum Converter {
        SIMPLE,
        STRING
    }

    private static final int COUNT = 1 << 10;

    private record Encoded(String name, byte[] value) {}

    private final List<Change> changes = Samples.states(Dataset.STRINGS, COUNT);
    private final List<List<Encoded>> encoded = new ArrayList<>();
    private HeaderConverter converter;
    private int next;

    @Param
    private Converter with;

    @Setup
    public void prepare() {
        converter = with == Converter.SIMPLE ? new SimpleHeaderConverter() : new StringConverter();
        converter.configure(Map.of("converter.type", "header"));
        changes.forEach(change -> encoded.add(encode(change)));
    }

    /** At the source. */
    @Benchmark
    public List<Encoded> write() {
        return encode(changes.get(index()));
    }

    /** At the sink, which looks at none. */
    @Benchmark
    public ConnectHeaders read() {
        ConnectHeaders headers = new ConnectHeaders();
        for (Encoded each : encoded.get(index())) {
            headers.add(each.name(), converter.toConnectHeader("redis", each.name(), each.value()));
        }
        return headers;
    }

    private List<Encoded> encode(Change change) {
        List<Encoded> all = new ArrayList<>(4);
        for (Header header : ChangeHeaders.of(change)) {
            all.add(new Encoded(
                    header.key(), converter.fromConnectHeader("redis", header.key(), header.schema(), header.value())));
        }
        return all;
    }

    private int index() {
        next = (next + 1) & (COUNT - 1);
        return next;
    }
}
