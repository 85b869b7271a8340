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
}
