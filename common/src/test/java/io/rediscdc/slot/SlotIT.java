package io.rediscdc.slot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.testing.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Slots as a redis-server in cluster mode computes them. */
class SlotIT {

    private static final List<String> TAGGED = List.of(
            "",
            "{",
            "}",
            "{}",
            "{}x",
            "x{}",
            "{}{a}",
            "{a}",
            "{a",
            "a}",
            "}a{",
            "}{a}",
            "{{a}}",
            "{{a}",
            "{a}}",
            "x{a}y{b}z",
            "{{}a}",
            "a{b}c",
            "a{}b{c}",
            "{\0}",
            "{ }",
            "user:{1000}:name",
            "{user1000}.following",
            "{user1000}.followers");

    @Test
    void agreesWithRedis() throws Exception {
        try (RedisServer server = new RedisServer("--cluster-enabled", "yes")) {
            for (byte[] key : keys()) {
                Reply reply = server.call("CLUSTER".getBytes(UTF_8), "KEYSLOT".getBytes(UTF_8), key);

                assertThat(Slot.of(key))
                        .as("slot of a key of %s bytes", key.length)
                        .isEqualTo((int) number(reply));
            }
        }
    }

    private static List<byte[]> keys() {
        List<byte[]> keys = new ArrayList<>();
        TAGGED.forEach(key -> keys.add(key.getBytes(UTF_8)));
        Random random = new Random(42);
        while (keys.size() < 1200) {
            byte[] key = new byte[random.nextInt(40)];
            random.nextBytes(key);
            // Half of them with braces somewhere, in any order.
            for (int i = random.nextInt(10); i < 5 && key.length > 0; i++) {
                key[random.nextInt(key.length)] = (byte) (random.nextBoolean() ? '{' : '}');
            }
            keys.add(key);
        }
        return keys;
    }

    private static long number(Reply reply) {
        assertThat(reply).isInstanceOf(Reply.Int.class);
        return ((Reply.Int) reply).value();
    }
}
