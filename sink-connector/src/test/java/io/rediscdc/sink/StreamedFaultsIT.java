package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a command that is streamed, nothing is lost or doubled, whatever breaks off. */
class StreamedFaultsIT extends LargeCommandFaults {

    StreamedFaultsIT() {
        super(Way.STREAMED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cutConnectionsNeitherLoseNorDoubleIt(boolean requests) {
        for (int i = 0; i < 10; i++) {
            feed.pieces(400, "APPEND", "string" + i % 2, TEXT + i).command("INCR", "n");
        }
        CutSink sink = new CutSink(server, feed, 2_000, 25_000).with("transaction.max.bytes", "1024");
        for (int i = 0; i < 10; i++) {
            sink.replicate(requests);
            assertThat(redis.strlen("string0")).isEqualTo(5 * 3001L);
            assertThat(redis.strlen("string1")).isEqualTo(5 * 3001L);
            assertThat(redis.get("n")).isEqualTo("10");
        }
        assertThat(sink.cuts()).isGreaterThan(4);
    }

    /** The framework delivers the same again, while the connection has a part of it. */
    @Test
    void aSlowTargetIsWaitedFor() throws IOException {
        String large = "x".repeat(20_000_000);
        feed.command("INCR", "n").pieces(700_000, "APPEND", "k", large);
        feed.command("INCR", "n");
        run.with("transaction.max.bytes", "1000000")
                .with("redis.command.timeout.ms", "60000")
                .start();
        List<SinkRecord> records = feed.from(0);
        int pauses = 0;
        try (Socket sleep = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            sleep.getOutputStream().write(bytes("DEBUG SLEEP 3\r\n"));
            sleep.getOutputStream().flush();
            for (boolean done = false; !done; ) {
                try {
                    run.put(records);
                    done = true;
                } catch (RetriableException e) {
                    pauses++;
                }
            }
        }
        run.rest();
        assertThat(pauses).isPositive();
        assertThat(run.metric("reconnects-total")).isZero();
        assertThat(redis.strlen("k")).isEqualTo(20_000_000);
        assertThat(redis.get("n")).isEqualTo("2");
    }
}
