package io.rediscdc.sink.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class CommandBufferTest {

    private final CommandBuffer buffer = new CommandBuffer();

    @Test
    void oneSetIsASet() {
        set("k", "v").command(1).arg("PING");
        assertThat(text()).isEqualTo("SET k v|PING");
        assertThat(buffer.commands()).isEqualTo(2);
    }

    @Test
    void setsThatFollowOneAnotherAreAnMset() {
        buffer.command(1).arg("MULTI");
        for (int i = 0; i < 12; i++) {
            set("k" + i, "");
        }
        assertThat(buffer.commands()).isEqualTo(2);
        buffer.command(2).arg("INCR").arg("k1");
        set("a", "1");
        set("b", "2");
        assertThat(text())
                .isEqualTo("MULTI|MSET k0  k1  k2  k3  k4  k5  k6  k7  k8  k9  k10  k11 |INCR k1|MSET a 1 b 2");
        assertThat(buffer.commands()).isEqualTo(4);
    }

    @Test
    void anotherDatabaseIsAnotherMset() {
        set("a", "1");
        set("b", "2");
        buffer.select(0);
        set("c", "3");
        buffer.select(1);
        set("d", "4");
        set("e", "5");
        assertThat(text()).isEqualTo("MSET a 1 b 2 c 3|SELECT 1|MSET d 4 e 5");
    }

    @Test
    void aServerIsNotHeldUpByOneOfThousands() {
        for (int i = 0; i < 1001; i++) {
            set("k", "v");
        }
        assertThat(text()).isEqualTo(("MSET" + " k v".repeat(500) + "|").repeat(2) + "SET k v");
        assertThat(buffer.commands()).isEqualTo(3);
    }

    @Test
    void commandsKeepTheirNumbersWhenSomeAreLeftOut() {
        set("a", "1");
        set("b", "2");
        buffer.command(1).arg("DBSIZE");
        set("c", "3");
        BitSet second = new BitSet();
        second.set(1);
        buffer.leaveOut(second);
        assertThat(text()).isEqualTo("MSET a 1 b 2|PING|SET c 3");
    }

    @Test
    void whatIsSentElsewhereDividesThem() {
        set("a", "1");
        set("b", "2");
        buffer.elsewhere();
        int here = buffer.length();
        set("c", "3");
        set("d", "4");
        assertThat(decode(buffer.view(0, here).toString(StandardCharsets.US_ASCII)))
                .isEqualTo("MSET a 1 b 2");
        assertThat(text()).isEqualTo("MSET a 1 b 2|MSET c 3 d 4");
        assertThat(buffer.commands()).isEqualTo(3);
    }

    @Test
    void nothingIsLeftAfterClear() {
        set("a", "1");
        set("b", "2");
        buffer.clear();
        set("c", "3");
        assertThat(text()).isEqualTo("SET c 3");
    }

    private CommandBuffer set(String key, String value) {
        return buffer.set(key.getBytes(StandardCharsets.US_ASCII), value.getBytes(StandardCharsets.US_ASCII));
    }

    private String text() {
        return decode(buffer.view().toString(StandardCharsets.US_ASCII));
    }

    /** Commands with their arguments, as a server reads them. */
    private static String decode(String resp) {
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < resp.length()) {
            assertThat(resp.charAt(at)).isEqualTo('*');
            int end = resp.indexOf("\r\n", at);
            int args = Integer.parseInt(resp.substring(at + 1, end));
            at = end + 2;
            text.append(text.isEmpty() ? "" : "|");
            for (int i = 0; i < args; i++) {
                assertThat(resp.charAt(at)).isEqualTo('$');
                end = resp.indexOf("\r\n", at);
                int length = Integer.parseInt(resp.substring(at + 1, end));
                at = end + 2;
                text.append(i == 0 ? "" : " ").append(resp, at, at + length);
                at += length + 2;
            }
        }
        return text.toString();
    }
}
