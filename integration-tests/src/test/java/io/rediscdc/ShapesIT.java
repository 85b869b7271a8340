package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From any shape to any shape: what was there before, what is written then, and a failover of each end that can have one, under
 * load. -Dshapes=all runs them all, -Dshapes=CLUSTER-SENTINEL,... those.
 */
@Timeout(240)
class ShapesIT {

    private static final String SHORT = "CLUSTER_OF_5-CLUSTER";
    private static final List<String> TAGS =
            IntStream.range(0, 40).mapToObj(i -> "{" + i + "}").toList();

    static Stream<Arguments> pairs() {
        String wanted = System.getProperty("shapes", SHORT);
        if (wanted.equals("all")) {
            return Arrays.stream(Shape.values())
                    .flatMap(from -> Arrays.stream(Shape.values()).map(to -> Arguments.of(from, to)));
        }
        return Stream.of(wanted.split(",", -1))
                .map(pair -> List.of(pair.split("-", -1)))
                .map(pair -> Arguments.of(Shape.valueOf(pair.get(0)), Shape.valueOf(pair.get(1))));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void theTargetBecomesTheSame(Shape fromShape, Shape toShape) throws Exception {
        try (Deployment from = fromShape.start();
                Deployment to = toShape.start();
                Flow flow = flow(from, to)) {
            boolean oneDatabase = from.isCluster() || to.isCluster();
            from.mix("before", oneDatabase);
            flow.start();
            from.mix("live", oneDatabase);
            awaitEqual(flow, from, to);

            try (Load load = new Load(from, TAGS)) {
                to.failOver();
                from.failOver();
                load.stop();
            }
            from.mix("after", oneDatabase);
            awaitEqual(flow, from, to);
        }
    }

    private static Flow flow(Deployment from, Deployment to) {
        Flow flow = new Flow("shapes", from, to).withRepairs();
        if (from.isCluster()) {
            flow.withSource("tasks.max", "2")
                    .withSource("topic.partitions", "3")
                    .withSource("topic.creation.default.partitions", "3");
        }
        return flow;
    }

    static void awaitEqual(Flow flow, Deployment from, Deployment to) {
        await().atMost(Flow.PATIENCE).pollInterval(Duration.ofMillis(300)).untilAsserted(() -> {
            assertThat(flow.sourceRest().status(flow.sourceName()).failure()).isNull();
            assertThat(flow.sinkRest().status(flow.sinkName()).failure()).isNull();
            assertThat(to.contents()).isEqualTo(from.contents());
        });
    }
}
