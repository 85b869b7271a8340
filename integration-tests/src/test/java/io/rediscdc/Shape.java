package io.rediscdc;

import java.util.function.Supplier;

/** What a deployment can look like. */
enum Shape {
    STANDALONE(ServerDeployment::new),
    SENTINEL(SentinelDeployment::new),
    CLUSTER(() -> new ClusterDeployment(3)),
    CLUSTER_OF_5(() -> new ClusterDeployment(5));

    private final Supplier<Deployment> start;

    Shape(Supplier<Deployment> start) {
        this.start = start;
    }

    Deployment start() {
        return start.get();
    }
}
