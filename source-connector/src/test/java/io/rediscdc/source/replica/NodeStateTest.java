package io.rediscdc.source.replica;

import static io.rediscdc.source.replica.MasterBytes.REPLID;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Position;
import io.rediscdc.source.replica.NodeState.Continuation;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeStateTest {

    private static final String OTHER = "b".repeat(40);

    @Test
    void decidesAsTheServerDoes() {
        NodeState state = state(REPLID, OTHER, 301, 200, 101);
        assertThat(state.continuation(at(REPLID, 198))).isEqualTo(Continuation.IMPOSSIBLE);
        assertThat(state.continuation(at(REPLID, 199))).isEqualTo(Continuation.POSSIBLE);
        assertThat(state.continuation(at(REPLID, 300))).isEqualTo(Continuation.POSSIBLE);
        assertThat(state.continuation(at(REPLID, 301))).isEqualTo(Continuation.BEHIND);
        assertThat(state.continuation(at(OTHER, 300))).isEqualTo(Continuation.POSSIBLE);
        assertThat(state.continuation(at(OTHER, 301))).isEqualTo(Continuation.IMPOSSIBLE);
        assertThat(state.continuation(at("c".repeat(40), 250))).isEqualTo(Continuation.IMPOSSIBLE);
        assertThat(state(REPLID, OTHER, -1, 0, 0).continuation(at(REPLID, 250))).isEqualTo(Continuation.IMPOSSIBLE);
        assertThat(NodeState.UNKNOWN.continuation(at(REPLID, 250))).isEqualTo(Continuation.UNKNOWN);
        assertThat(state.continuation(ResumePoint.start(1))).isEqualTo(Continuation.UNKNOWN);
    }

    @Test
    void saysWhyNotWithNumbers() {
        NodeState state = state(REPLID, OTHER, 301, 200, 101);
        assertThat(state.whyNot(at(REPLID, 149)))
                .contains("1048576 bytes", "begins at offset 200", "50 bytes beyond", "repl-backlog-size");
        assertThat(state.whyNot(at(OTHER, 310))).contains("promoted at offset 300", "10 bytes before");
        assertThat(state.whyNot(at(REPLID, 305))).contains("ends at offset 300", "5 bytes before");
        assertThat(state.whyNot(at("c".repeat(40), 1))).contains("another history", REPLID);
        assertThat(NodeState.UNKNOWN.whyNot(at(REPLID, 1))).contains("INFO");
    }

    @Test
    void readsInfoWhateverElseItSays() {
        NodeState state = NodeState.parse("# Replication\r\nrole:slave\r\nmaster_link_status:down\r\nmaster_replid:"
                + REPLID + "\r\nsecond_repl_offset:-1\r\nrepl_backlog_histlen:x\r\n");
        assertThat(state.isMaster()).isFalse();
        assertThat(state.inStep()).isFalse();
        assertThat(state.backlogBytes()).isZero();
        assertThat(NodeState.parse("")).isEqualTo(NodeState.UNKNOWN);
    }

    private static NodeState state(String replid, String former, long formerEnd, long start, long bytes) {
        return NodeState.parse(String.join(
                "\r\n",
                "role:master",
                "master_replid:" + replid,
                "master_replid2:" + former,
                "second_repl_offset:" + formerEnd,
                "repl_backlog_size:1048576",
                "repl_backlog_first_byte_offset:" + start,
                "repl_backlog_histlen:" + bytes));
    }

    private static ResumePoint at(String replid, long offset) {
        return new ResumePoint(replid, offset, 0, 7, List.of(new Position(7, offset, 0)), 0);
    }
}
