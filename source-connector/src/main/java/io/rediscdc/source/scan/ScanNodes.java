package io.rediscdc.source.scan;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.util.ArrayList;
import java.util.List;

/** Finds the server of a shard to read from. */
final class ScanNodes {

    /** One that was found, connected. */
    record Found(ScanLink link, ServerFacts facts) {}

    private ScanNodes() {}

    /**
     * Looks for one: that whose cursor we have before all others, then one of the preferred role.
     *
     * @param nodes the servers of the shard
     * @param runId of the server whose cursor we have, null for none
     * @throws RedisCdcException CONNECTION if there is none now; another category if trying again cannot help
     */
    static Found find(ScanOptions options, List<RedisAddress> nodes, String runId, LinkOwner owner) {
        List<Found> usable = new ArrayList<>();
        List<RedisCdcException> failures = new ArrayList<>();
        Found best = null;
        for (RedisAddress node : nodes) {
            try {
                ScanLink link = ScanLink.open(node, options, owner);
                Found found = new Found(link, ServerFacts.ask(link));
                check(found, options);
                if (options.readsMasterOnly() && found.facts().replica()) {
                    failures.add(new RedisCdcException(
                            Category.CONNECTION, node + " is a replica, and source.read.from is master"));
                } else {
                    usable.add(found);
                }
            } catch (RedisCdcException e) {
                failures.add(e);
            }
        }
        for (Found found : usable) {
            if (best == null || rank(found, options, runId) < rank(best, options, runId)) {
                best = found;
            }
        }
        if (best == null) {
            throw none(failures);
        }
        for (Found found : usable) {
            if (!found.equals(best)) {
                found.link().close();
            }
        }
        return best;
    }

    private static void check(Found found, ScanOptions options) {
        if (found.facts().clustered() && !options.clustered()) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    found.link().node()
                            + " is a node of a cluster, and only its own slots would be read; set redis.cluster.nodes in place of"
                            + " redis.address");
        }
    }

    private static int rank(Found found, ScanOptions options, String runId) {
        if (runId != null && runId.equals(found.facts().runId())) {
            return 0;
        }
        boolean preferred = !options.readsReplicas()
                || (found.facts().replica() && found.facts().inStep());
        return preferred ? 1 : found.facts().replica() ? 3 : 2;
    }

    private static RedisCdcException none(List<RedisCdcException> failures) {
        for (RedisCdcException failure : failures) {
            if (!failure.isRetriable()) {
                return failure;
            }
        }
        if (failures.size() == 1) {
            return failures.get(0);
        }
        StringBuilder all = new StringBuilder("no node can be used");
        failures.forEach(failure -> all.append("; ").append(failure.getMessage()));
        return new RedisCdcException(Category.CONNECTION, all.toString());
    }
}
