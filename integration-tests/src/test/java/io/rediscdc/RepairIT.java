package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys that somebody has changed at the target by hand, and that an operator asks the source for. */
class RepairIT {

    private Mirror mirror;

    @BeforeEach
    void startFlow() {
        mirror = new Mirror("repair");
        mirror.source().call("HSET", "shop:1", "name", "x");
        mirror.source().call("SET", "session:1", "y", "PXAT", "4000000000000");
        mirror.flow().withRepairs().start().awaitSettled();
    }

    @AfterEach
    void close() {
        mirror.close();
    }

    @Test
    void aKeyThatIsAskedForComesAnew() throws IOException {
        mirror.target().call("DEL", "shop:1", "session:1");
        mirror.target().call("SET", "stranger", "z");
        // The source listens from the topic's end on, which it has to have found first.
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    request(
                            "nonsense",
                            "99:shop:1",
                            "0:" + mirror.flow().checkpointKey(),
                            "0:shop:1",
                            "0:session:1",
                            "0:stranger");
                    assertThat(mirror.target().number("EXISTS", "shop:1", "session:1"))
                            .isEqualTo(2);
                    assertThat(mirror.target().number("EXISTS", "stranger")).isZero();
                });
        mirror.increment(10);
        mirror.flow().awaitSettled();
        assertThat(new Topic(mirror.flow()).committed())
                .filteredOn(entry -> entry.change().stamp().asOf() != null)
                .isNotEmpty()
                .allSatisfy(entry -> assertThat(entry.change().stamp().asOf()).isEqualTo(entry.replicationOffset()));
        mirror.assertEqual();

        mirror.flow().deleteConnectors();
        Path log = Platform.shared().worker().log();
        await().atMost(Flow.PATIENCE).untilAsserted(() -> assertThat(Files.readString(log))
                .contains("No longer listening to topic " + mirror.flow().name + ".repair"));
        assertThat(Files.readString(log)).doesNotContain("Failed to close fetcher");
    }

    private void request(String... requests) {
        ByteArraySerializer bytes = new ByteArraySerializer();
        Map<String, Object> config =
                Map.of("bootstrap.servers", Platform.shared().broker().bootstrap());
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config, bytes, bytes)) {
            for (String request : List.of(requests)) {
                producer.send(new ProducerRecord<>(
                                mirror.flow().name + ".repair", request.getBytes(StandardCharsets.UTF_8)))
                        .get(20, TimeUnit.SECONDS);
            }
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }
}
