package io.rediscdc.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Position;
import io.rediscdc.sink.expiry.TtlState;
import io.rediscdc.sink.target.CommandBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class CheckpointTest {

    private static final CheckpointKey KEY = new CheckpointKey("flow", new TopicPartition("t", 3));

    @Test
    void readsWhatItWrote() {
        WriterId writer = WriterId.NOBODY.successor();
        Checkpoint checkpoint = new Checkpoint(
                3,
                17,
                Map.of("a", new Position(1, 2, 3), "b:c", new Position(4, 5, 6)),
                true,
                12,
                true,
                TtlState.EXACT,
                OpenValue.of(new ChangeKey(3, "k".getBytes(StandardCharsets.UTF_8)), true)
                        .and(7),
                writer,
                null);
        CommandBuffer out = new CommandBuffer();
        checkpoint.write(out, KEY, 99);
        Iterator<String> args = args(out.view()).iterator();
        assertThat(args.next()).isEqualTo("HMSET");
        assertThat(args.next()).isEqualTo("__redis-cdc:checkpoint:{flow}:t:3");
        Map<String, String> fields = new HashMap<>();
        args.forEachRemaining(name -> fields.put(name, args.next()));
        assertThat(fields)
                .containsEntry("pos:b:c", "4:5:6")
                .containsEntry("generation", "3")
                .containsEntry("offset", "17")
                .containsEntry("updated_ms", "99")
                .containsEntry("snapshot", "open")
                .containsEntry("snapshot_offset", "12")
                .containsEntry("owned", "yes");
        assertThat(Checkpoint.parse(fields, KEY)).isEqualTo(checkpoint);
        fields.put("stuck", "1:2:3 WRONGTYPE");
        assertThat(Checkpoint.parse(fields, KEY).stuck()).isEqualTo("1:2:3 WRONGTYPE");
    }

    @Test
    void namesWhatItCannotRead() {
        assertThat(Checkpoint.parse(Map.of(), KEY)).isEqualTo(Checkpoint.none());
        assertThatThrownBy(() -> Checkpoint.parse(Map.of("format", "2"), KEY))
                .hasMessageContaining(KEY + " has format 2");
        assertThatThrownBy(() -> Checkpoint.parse(Map.of("format", "1", "offset", "x", "writer", "1-a"), KEY))
                .hasMessageContaining(KEY + " is damaged");
        assertThatThrownBy(() -> Checkpoint.parse(
                        Map.of(
                                "format",
                                "1",
                                "generation",
                                "0",
                                "offset",
                                "1",
                                "snapshot_offset",
                                "-1",
                                "writer",
                                "1-a",
                                "pos:a",
                                "1:2"),
                        KEY))
                .hasMessageContaining(KEY + " is damaged");
    }

    private static Iterable<String> args(ByteBuf encoded) {
        return encoded.toString(UTF_8)
                .lines()
                .filter(line -> !line.startsWith("$") && !line.startsWith("*"))
                .toList();
    }
}
