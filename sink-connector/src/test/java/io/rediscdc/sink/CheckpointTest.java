package io.rediscdc.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Position;
import io.rediscdc.sink.expiry.LossCount;
import io.rediscdc.sink.expiry.TtlState;
import io.rediscdc.sink.target.CommandBuffer;
import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class CheckpointTest {

    private static final WriterId WRITER = WriterId.NOBODY.successor();
    private static final SlotClaim SLOTS = new SlotClaim(
            7, SlotRanges.parse("0-5,9"), SlotRanges.parse("9"), 1_000, 2_000, Map.of("m1", SlotRanges.parse("7-8")));
    private static final CheckpointKey KEY = new CheckpointKey("flow", new TopicPartition("t", 3));

    @Test
    void readsWhatItWrote() {
        OpenValue value = OpenValue.of(new ChangeKey(3, "k".getBytes(StandardCharsets.UTF_8)), true)
                .and(7);
        Map<String, ShardPoint> shards = Map.of("b:c", new ShardPoint(new Position(4, 5, 6), true, 12, value, null, 9));
        Map<String, String> fields = fields(checkpoint(shards));
        assertThat(fields)
                .containsEntry("format", "1")
                .containsEntry("pos:b:c", "4:5:6")
                .containsEntry("promotion:b:c", "9")
                .containsEntry("generation", "3")
                .containsEntry("offset", "17")
                .containsEntry("updated_ms", "99")
                .containsEntry("snapshot", "open")
                .containsEntry("snapshot_offset", "12")
                .containsEntry("value", value.toString())
                .containsEntry("owned", "yes");
        assertThat(Checkpoint.parse(fields, KEY)).isEqualTo(checkpoint(shards));
        fields.put("stuck", "1:2:3 WRONGTYPE");
        assertThat(Checkpoint.parse(fields, KEY).stuck()).isEqualTo("1:2:3 WRONGTYPE");
    }

    @Test
    void saysOfEachShardWhereItStands() {
        OpenValue value = OpenValue.of(new ChangeKey(0, "k".getBytes(StandardCharsets.UTF_8)), false)
                .and(1);
        Map<String, ShardPoint> shards = Map.of(
                "a",
                new ShardPoint(new Position(1, 2, 3), false, -1, value, SLOTS, 15),
                "b",
                new ShardPoint(new Position(4, 5, 6), true, 12, null, null, -1));
        Map<String, String> fields = fields(checkpoint(shards));
        assertThat(fields).containsEntry("format", "2").containsEntry("snapshot", "closed");
        assertThat(Checkpoint.parse(fields, KEY)).isEqualTo(checkpoint(shards));
        // One shard was there before, and the fields that were written of it still are.
        Map<String, String> both = fields(checkpoint(Map.of("b", shards.get("b"))));
        both.putAll(fields);
        assertThat(Checkpoint.parse(both, KEY)).isEqualTo(checkpoint(shards));
    }

    @Test
    void knowsOfAValueThatWasBegunBeforeItWasRewound() {
        OpenValue value = OpenValue.of(new ChangeKey(0, "k".getBytes(StandardCharsets.UTF_8)), false)
                .and(1);
        Checkpoint rewound = checkpoint(Map.of("a", new ShardPoint(new Position(1, 2, 3), true, 12, value, null, 9)))
                .rewoundTo(5);
        Checkpoint read = Checkpoint.parse(fields(rewound), KEY);
        assertThat(read).isEqualTo(rewound);
        assertThat(read.positions()).isEmpty();
        assertThat(read.shards().get("a").value()).isEqualTo(value);
    }

    private static final LossCount LOSSES = new LossCount("run", 5, 6);

    private static Checkpoint checkpoint(Map<String, ShardPoint> shards) {
        return new Checkpoint(3, 17, shards, shards.size() > 1 ? 5 : 0, true, TtlState.EXACT, LOSSES, WRITER, null);
    }

    private static Map<String, String> fields(Checkpoint checkpoint) {
        CommandBuffer out = new CommandBuffer();
        checkpoint.write(out, KEY, 99);
        Iterator<String> args = args(out.view()).iterator();
        assertThat(args.next()).isEqualTo("HMSET");
        assertThat(args.next()).isEqualTo("__redis-cdc:checkpoint:{flow}:t:3");
        Map<String, String> fields = new HashMap<>();
        args.forEachRemaining(name -> fields.put(name, args.next()));
        return fields;
    }

    @Test
    void namesWhatItCannotRead() {
        assertThat(Checkpoint.parse(Map.of(), KEY)).isEqualTo(Checkpoint.none());
        assertThatThrownBy(() -> Checkpoint.parse(Map.of("format", "3"), KEY))
                .hasMessageContaining(KEY + " has format 3");
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
