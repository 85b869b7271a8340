package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import org.junit.jupiter.api.Test;

class PsyncCommandTest {

    private static final RedisAddress A = new RedisAddress("a", 6379);
    private static final RedisAddress B = new RedisAddress("b", 7000);

    @Test
    void isOneWordOrOneForEachServer() {
        assertThat(PsyncCommand.parse("xsync").at(A)).isEqualTo("xsync");
        PsyncCommand some = PsyncCommand.parse("b:7000@secret,word");
        assertThat(some.at(B)).isEqualTo("secret");
        assertThat(some.at(A)).isEqualTo("word");
        assertThat(PsyncCommand.parse("b:7000@secret").at(A)).isEqualTo("PSYNC");
        assertThat(some.toString()).doesNotContain("secret").doesNotContain("word");
    }

    @Test
    void refusesWhatIsNeither() {
        for (String text : new String[] {"", "a,b", "a:1@", "two words", "a:x@word"}) {
            assertThatThrownBy(() -> PsyncCommand.parse(text)).as(text).isInstanceOf(RedisCdcException.class);
        }
    }
}
