package io.rediscdc;

/** What a deployment can look like. */
enum Shape {
    STANDALONE,
    SENTINEL,
    CLUSTER,
    CLUSTER_OF_5;

    Deployment start() {
        return switch (this) {
            case STANDALONE -> new ServerDeployment();
            case SENTINEL -> new SentinelDeployment();
            case CLUSTER -> new ClusterDeployment(3);
            case CLUSTER_OF_5 -> new ClusterDeployment(5);
        };
    }
}
