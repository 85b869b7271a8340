package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.source.capture.StateRequests;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** States, and what the history says that they are. */
@Timeout(60)
class StateHistoryIT extends StateBed {

    private volatile boolean writing = true;

    @AfterEach
    void stopWriting() {
        writing = false;
    }

    /** Beside it, the same stream in commands, which says what each key is at any offset. */
    @Test
    void aStateIsWhatTheHistoryHasMadeOfItsKeyUpToItsOffset() throws Exception {
        try (ReplicaCapture commands =
                new ReplicaCapture(options(null, null, null), ResumePoint.start(1), StateRequests.NONE)) {
            capture = capture(PLAIN, ResumePoint.start(1));
            Thread writer = new Thread(this::increment);
            writer.start();
            Map<ChangeKey, NavigableMap<Long, Long>> history = new HashMap<>();
            List<Change> states = new ArrayList<>();
            while (states.size() < 1_000) {
                note(commands, history);
                states(states);
            }
            writing = false;
            writer.join();
            long end = source.info("replication", "master_repl_offset").getAsLong();
            while (commands.resumePoint().offset() < end
                    || capture.resumePoint().offset() < end) {
                note(commands, history);
                states(states);
            }
            for (Change state : states) {
                assertThat(value(state))
                        .as("%s at %s", state.key(), state.stamp().position())
                        .isEqualTo(history.get(state.key())
                                .floorEntry(state.stamp().position().offset())
                                .getValue());
            }
            long written = history.values().stream().mapToLong(Map::size).sum();
            assertThat((long) states.size()).as("of %d changes", written).isLessThan(written);
            history.forEach((key, values) -> {
                List<Change> its =
                        states.stream().filter(state -> state.key().equals(key)).toList();
                assertThat(value(its.get(its.size() - 1)))
                        .isEqualTo(values.lastEntry().getValue());
            });
        }
    }

    /** Another client, as fast as it can. */
    private void increment() {
        String some =
                """
                INCR counter
                MULTI
                INCR left
                INCR right
                EXEC
                SELECT 3
                INCR counter
                SELECT 0
                EVAL "redis.call('INCR', 'left') return redis.call('INCR', 'left')" 0
                """;
        try (Socket socket = source.open()) {
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            while (writing) {
                out.write(bytes(some));
                int seen = 0;
                do {
                    seen += in.read(new byte[4096]);
                } while (in.available() > 0);
                assertThat(seen).isPositive();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void note(ReplicaCapture commands, Map<ChangeKey, NavigableMap<Long, Long>> history) {
        List<Change> read = new ArrayList<>();
        commands.read(read, 5_000, 1, System.nanoTime());
        for (Change change : read) {
            if (change.op() == Op.COMMAND || change.op() == Op.SET) {
                NavigableMap<Long, Long> values = history.computeIfAbsent(change.key(), any -> new TreeMap<>());
                long before = values.isEmpty() ? 0 : values.lastEntry().getValue();
                values.put(change.stamp().position().offset(), change.op() == Op.SET ? value(change) : before + 1);
            }
        }
    }

    private void states(List<Change> states) {
        List<Change> read = new ArrayList<>();
        capture.read(read, 500, 1, System.nanoTime());
        read.stream().filter(change -> change.op() == Op.SET).forEach(states::add);
    }

    private static long value(Change state) {
        return Long.parseLong(new String(DumpPayload.string(state.state().dump()), StandardCharsets.US_ASCII));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
