package io.rediscdc.cluster;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.connection.NodePoll;
import io.rediscdc.connection.NodePoll.Answer;
import io.rediscdc.connection.NodePoll.Patience;
import io.rediscdc.connection.RespConnection;
import io.rediscdc.error.ClusterException;
import io.rediscdc.error.ClusterException.Fault;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shape of a cluster, asked of its nodes: of {@value #AT_ONCE} at the same time, each on a connection of its own that
 * ends with the answer, and the one that knows the greatest config epoch is believed, since a node that is cut off from
 * the others goes on describing how it was. First the seeds are asked, then those that they named. Thread-safe.
 */
public final class ClusterTopology implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterTopology.class);
    private static final int AT_ONCE = 5;

    /** How long the others may take once one has answered: they answer from memory. */
    private static final long REST_MS = 200;

    private final ClusterOptions options;
    private final NodePoll<ClusterView, ClusterException> poll;

    /** What was believed last; null for nothing yet. */
    private volatile ClusterView latest;

    public ClusterTopology(ClusterOptions options) {
        this.options = options;
        // Connecting, login and the question each have their time.
        this.poll = new NodePoll<>(
                "redis-cdc-cluster",
                new Patience(options.timeoutMs(), 3, REST_MS),
                this::answer,
                ClusterView::epoch,
                why -> new ClusterException(Category.CONNECTION, Fault.NODES, why + " the nodes of the cluster"));
    }

    /**
     * Asks the nodes.
     *
     * @return with at least one shard
     * @throws ClusterException if none says it: CONNECTION if that can change; CONFIG for refused logins, missing rights,
     *     or servers that are no nodes of a cluster, unless they have answered before
     */
    public ClusterView ask() {
        List<ClusterException> failures = new ArrayList<>();
        List<RedisAddress> rest = candidates();
        while (!rest.isEmpty()) {
            List<RedisAddress> some = rest.subList(0, Math.min(AT_ONCE, rest.size()));
            ClusterView view = poll.best(some, failure -> {
                LOG.debug("A node did not say what the cluster looks like", failure);
                failures.add(failure);
            });
            if (view != null) {
                latest = view;
                return view;
            }
            rest = rest.subList(some.size(), rest.size());
        }
        throw failure(failures);
    }

    /** What was answered last, null for nothing yet. Asks nobody. */
    public ClusterView latest() {
        return latest;
    }

    /** Some of the nodes that are known, the seeds among them at random places, so that not always the same are asked. */
    private List<RedisAddress> candidates() {
        Set<RedisAddress> candidates = new LinkedHashSet<>();
        ClusterView known = latest;
        if (known != null) {
            List<RedisAddress> nodes = new ArrayList<>(known.nodes().stream()
                    .filter(ClusterNode::isReachable)
                    .map(ClusterNode::address)
                    .toList());
            Collections.shuffle(nodes);
            candidates.addAll(nodes);
        }
        candidates.addAll(options.seeds());
        return List.copyOf(candidates);
    }

    private Answer<ClusterView, ClusterException> answer(RespConnection connection) {
        try {
            return Answer.of(view(connection));
        } catch (ClusterException e) {
            return Answer.none(e);
        }
    }

    private ClusterView view(RespConnection connection) {
        RedisAddress node = connection.address();
        try {
            connection.connect();
            Reply login = connection.login(options.username(), options.password());
            if (login != null && login.isFailure()) {
                throw refused(node, login.text());
            }
            Reply nodes = connection.call("CLUSTER", "NODES");
            if (nodes.isFailure()) {
                throw refused(node, nodes.text());
            }
            ClusterView view = ClusterView.parse(nodes.text(), node);
            if (view.shards().isEmpty()) {
                throw new ClusterException(Category.CONNECTION, Fault.NODES, node + " knows no master that owns slots");
            }
            return view;
        } catch (SocketTimeoutException e) {
            throw unreachable(node, "no answer within " + options.timeoutMs() + " ms", e);
        } catch (IOException e) {
            throw unreachable(node, e.getMessage(), e);
        } catch (ClusterException e) {
            throw e;
        } catch (RedisCdcException e) {
            throw new ClusterException(
                    Category.CONFIG, Fault.NODES, node + " is no node of a cluster: " + e.getMessage(), e);
        }
    }

    private static ClusterException unreachable(RedisAddress node, String why, Exception cause) {
        return new ClusterException(Category.CONNECTION, Fault.NODES, node + ": " + why, cause);
    }

    private ClusterException refused(RedisAddress node, String error) {
        if (error.contains("cluster support disabled") || error.startsWith("ERR unknown command")) {
            return new ClusterException(Category.CONFIG, Fault.NODES, node + " is no node of a cluster: " + error);
        }
        return switch (error.split(" ", 2)[0]) {
            case "NOPERM" ->
                new ClusterException(
                        Category.CONFIG,
                        Fault.RIGHTS,
                        node + " refused CLUSTER NODES: " + error + "; grant it: ACL SETUSER "
                                + (options.username() == null ? "default" : options.username()) + " +cluster|nodes");
            case "NOAUTH", "WRONGPASS", "ERR" ->
                new ClusterException(Category.CONFIG, Fault.LOGIN, node + " refused us: " + error);
            default -> unreachable(node, error, null);
        };
    }

    private ClusterException failure(List<ClusterException> failures) {
        StringBuilder all = new StringBuilder();
        Fault fault = Fault.NODES;
        boolean mayPass = latest != null || failures.isEmpty();
        for (ClusterException failure : failures) {
            all.append("; ").append(failure.getMessage());
            if (failure.fault().compareTo(fault) > 0) {
                fault = failure.fault();
            }
            mayPass |= failure.isRetriable();
        }
        String remedy =
                switch (fault) {
                    case NODES -> "; check redis.cluster.nodes, and that the nodes run";
                    case LOGIN -> "; check redis.username and redis.password";
                    case RIGHTS -> "";
                };
        return new ClusterException(
                mayPass ? Category.CONNECTION : Category.CONFIG,
                fault,
                "no node says what the cluster looks like" + all + remedy);
    }

    /** Ends what is being asked; from then on nothing can be. The second time it does nothing. */
    @Override
    public void close() {
        poll.close();
    }
}
