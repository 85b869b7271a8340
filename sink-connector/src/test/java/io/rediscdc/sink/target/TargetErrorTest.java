package io.rediscdc.sink.target;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TargetErrorTest {

    @Test
    void tellsWhatPassesFromWhatDoesNot() {
        assertThat(TargetError.isPassing("OOM command not allowed when used memory > 'maxmemory'."))
                .isTrue();
        assertThat(TargetError.isPassing("EXECABORT Transaction discarded because of: READONLY You can't write"))
                .isTrue();
        assertThat(TargetError.isPassing("LOADING Redis is loading the dataset in memory"))
                .isTrue();
        assertThat(TargetError.isPassing("NOPERM this user has no permissions")).isFalse();
        assertThat(TargetError.isPassing("EXECABORT Transaction discarded because of previous errors."))
                .isFalse();
        assertThat(TargetError.code("WRONGTYPE Operation")).isEqualTo("WRONGTYPE");
    }

    @Test
    void leavesArgumentsOut() {
        assertThat(TargetError.brief("ERR unknown command 'X', with args beginning with: 'secret' 'value' "))
                .isEqualTo("ERR unknown command 'X'");
        assertThat(TargetError.brief("ERR " + "x".repeat(1000)).length()).isLessThanOrEqualTo(120);
        assertThat(TargetError.brief("ERR a\u0007b")).isEqualTo("ERR a?b");
    }
}
