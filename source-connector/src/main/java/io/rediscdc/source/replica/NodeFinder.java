package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.source.replica.NodeState.Continuation;
import io.rediscdc.source.replica.ShardNodes.Listing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the node of a shard to attach to: one that can continue from where we stopped before all others, since a server
 * that is asked in vain has started its full synchronisation already; then one of the preferred role; then the next in
 * turn.
 */
final class NodeFinder {

    private static final Logger LOG = LoggerFactory.getLogger(NodeFinder.class);

    private final ReplicaOptions options;
    private final ShardNodes nodes;
    private int turn;

    NodeFinder(ReplicaOptions options, ShardNodes nodes) {
        this.options = options;
        this.nodes = nodes;
    }

    /** From now on another node has precedence among equals. */
    void next() {
        turn++;
    }

    /**
     * Looks for a node to continue with from a point. Nodes that turn out not to be it are closed.
     *
     * @param patient whether to fail rather than take one that needs a full resynchronisation, while another one may
     *     still come that does not
     * @param cancellation whether nobody wants the answer any more
     * @throws RedisCdcException CONNECTION if there is none now; another category if trying again cannot help
     */
    Node find(ResumePoint from, boolean patient, Cancellation cancellation) {
        List<Node> open = new ArrayList<>();
        List<RedisCdcException> failures = new ArrayList<>();
        Node found = null;
        try {
            Listing listing = nodes.list(cancellation);
            for (RedisAddress address : listing.inTurn(turn)) {
                try {
                    Node node = Node.open(address, options, cancellation);
                    open.add(node);
                    if (!listing.confirms(node)) {
                        failures.add(deposed(node, listing));
                    } else if (isPerfect(node, from)) {
                        found = node;
                        return node;
                    }
                } catch (RedisCdcException e) {
                    failures.add(e);
                }
                if (cancellation.isCancelled()) {
                    throw new RedisCdcException(Category.CONNECTION, "closed while connecting to " + address);
                }
            }
            List<Node> members = open.stream().filter(listing::confirms).toList();
            Node best = best(members, failures, from);
            checkContinuation(best, members, failures, from, patient);
            found = best;
            return best;
        } finally {
            for (Node node : open) {
                if (!node.equals(found)) {
                    node.close();
                }
            }
        }
    }

    private RedisCdcException deposed(Node node, Listing listing) {
        return new RedisCdcException(
                Category.CONNECTION,
                node.link().node() + " takes itself for the master, which " + options.authority() + " says is "
                        + listing.master());
    }

    private boolean isPerfect(Node node, ResumePoint from) {
        ReadFrom readFrom = options.readFrom();
        boolean continues = !from.isPartial() || node.state().continuation(from) == Continuation.POSSIBLE;
        return readFrom.accepts(node.state()) && readFrom.prefers(node.state()) && continues;
    }

    private Node best(List<Node> open, List<RedisCdcException> failures, ResumePoint from) {
        ReadFrom readFrom = options.readFrom();
        return open.stream()
                .filter(node -> readFrom.accepts(node.state()))
                .min(Comparator.comparing((Node node) -> rank(node.state().continuation(from)))
                        .thenComparing(node -> !readFrom.prefers(node.state()))
                        // A replica that has lost its master brings nothing new.
                        .thenComparing(node -> !node.state().inStep()))
                .orElseThrow(() -> none(open, failures));
    }

    private static int rank(Continuation continuation) {
        return switch (continuation) {
            case POSSIBLE -> 0;
            case UNKNOWN -> 1;
            // If one must be read from the beginning, the others' deficiencies are alike.
            case BEHIND, IMPOSSIBLE -> 2;
        };
    }

    private void checkContinuation(
            Node best, List<Node> open, List<RedisCdcException> failures, ResumePoint from, boolean patient) {
        if (!from.isPartial() || rank(best.state().continuation(from)) < 2) {
            return;
        }
        StringBuilder reasons = new StringBuilder();
        boolean mayChange = !failures.isEmpty();
        for (Node node : open) {
            reasons.append("; ")
                    .append(node.link().node())
                    .append(' ')
                    .append(node.state().whyNot(from));
            mayChange |= node.state().continuation(from) == Continuation.BEHIND;
        }
        for (RedisCdcException failure : failures) {
            reasons.append("; ").append(failure.getMessage());
        }
        if (patient && mayChange) {
            throw new RedisCdcException(Category.CONNECTION, "no node can continue from " + from + " now" + reasons);
        }
        LOG.warn("A full resynchronisation is needed, no node can continue from {}{}", from, reasons);
    }

    private RedisCdcException none(List<Node> open, List<RedisCdcException> failures) {
        for (RedisCdcException failure : failures) {
            if (!failure.isRetriable()) {
                return failure;
            }
        }
        for (RedisCdcException failure : failures) {
            if (failure instanceof ServerLoadingException) {
                return failure;
            }
        }
        if (!open.isEmpty()) {
            return new RedisCdcException(
                    Category.CONNECTION,
                    "none of the nodes that answer is a master, and source.read.from is " + options.readFrom());
        }
        if (failures.size() == 1) {
            return failures.get(0);
        }
        StringBuilder all = new StringBuilder("no node can be used");
        failures.forEach(failure -> all.append("; ").append(failure.getMessage()));
        return new RedisCdcException(Category.CONNECTION, all.toString(), failures.get(0));
    }
}
