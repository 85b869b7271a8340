package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.source.replica.ShardNodes.Listing;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShardNodesTest {

    private static final RedisAddress A = new RedisAddress("r", 1);
    private static final RedisAddress B = new RedisAddress("r", 2);
    private static final RedisAddress C = new RedisAddress("r", 3);
    private static final NodeState MASTER = NodeState.parse("role:master\r\nmaster_replid:" + "a".repeat(40) + "\r\n");
    private static final NodeState REPLICA =
            NodeState.parse("role:slave\r\nmaster_link_status:up\r\nmaster_replid:" + "a".repeat(40) + "\r\n");

    @Test
    void thoseThatAreDownAreNeverFirst() {
        Listing listing = new Listing(List.of(A, B), List.of(C), A);
        assertThat(listing.inTurn(0)).containsExactly(A, B, C);
        assertThat(listing.inTurn(1)).containsExactly(B, A, C);
        assertThat(listing.inTurn(4)).containsExactly(A, B, C);
        assertThat(listing.inTurn(Integer.MIN_VALUE + 1)).containsExactly(B, A, C);
    }

    @Test
    void aMasterThatSentinelDoesNotNameIsNotReadFrom() {
        Listing listing = new Listing(List.of(A, B), List.of(), A);
        assertThat(listing.confirms(A, MASTER)).isTrue();
        assertThat(listing.confirms(B, REPLICA)).isTrue();
        assertThat(listing.confirms(A, REPLICA)).isTrue();
        assertThat(listing.confirms(B, MASTER)).isFalse();
        // The user may not ask for it.
        assertThat(listing.confirms(B, NodeState.UNKNOWN)).isTrue();
    }

    @Test
    void withoutSentinelEverybodyIsBelieved() {
        assertThat(new Listing(List.of(A, B), List.of(), null).confirms(B, MASTER))
                .isTrue();
    }
}
