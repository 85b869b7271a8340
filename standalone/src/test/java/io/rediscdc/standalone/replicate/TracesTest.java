package io.rediscdc.standalone.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TracesTest {

    @Test
    void takesTheMessageOfOurOwnException() {
        String trace =
                """
                org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception.
                \tat org.apache.kafka.connect.runtime.WorkerSinkTask.deliverMessages(WorkerSinkTask.java:636)
                \tat java.base/java.lang.Thread.run(Thread.java:840)
                Caused by: org.apache.kafka.connect.errors.ConnectException: wrapped
                \t... 9 more
                Caused by: io.rediscdc.error.RedisCdcException: 127.0.0.1:6380 refused it: OOM
                and a second line
                \tat io.rediscdc.sink.PartitionWriter.write(PartitionWriter.java:1)
                \t... 10 more
                Caused by: java.io.IOException: reset by peer
                \t... 11 more
                """;
        assertThat(Traces.message(trace)).isEqualTo("127.0.0.1:6380 refused it: OOM\nand a second line");
    }

    @Test
    void elseThatOfTheDeepestCauseThatHasOne() {
        String trace =
                """
                a.b.OuterException: outer
                \tat x
                Caused by: a.b.InnerException: inner: why
                \tat y
                Caused by: java.lang.NullPointerException
                \tat z
                """;
        assertThat(Traces.message(trace)).isEqualTo("inner: why");
        assertThat(Traces.message("java.lang.OutOfMemoryError: Java heap space"))
                .isEqualTo("Java heap space");
        assertThat(Traces.message("java.lang.NullPointerException\n\tat z"))
                .isEqualTo("java.lang.NullPointerException\n\tat z");
    }

    @Test
    void findsTheLastComplaintOfALog() {
        String log =
                """
                2026-11-21T04:07:43,405 WARN  [main] Other: earlier
                2026-11-21T04:07:44,405 ERROR [task-thread-redis-sink-0] WorkerSinkTask: RetriableException from SinkTask:
                org.apache.kafka.connect.errors.RetriableException: tried again
                \tat io.rediscdc.sink.RedisSinkTask.put(RedisSinkTask.java:1)
                Caused by: io.rediscdc.error.RedisCdcException: the target is out of memory
                \t... 2 more
                2026-11-21T04:07:45,405 INFO  [main] Other: later
                """;
        assertThat(Traces.lastComplaint(log)).isEqualTo("the target is out of memory");
        assertThat(Traces.lastComplaint("2026-11-21T04:07:43,405 WARN  [main] Other: alone"))
                .endsWith("Other: alone");
        assertThat(Traces.lastComplaint("2026-11-21T04:07:43,405 INFO  [main] Other: fine"))
                .isNull();
    }
}
