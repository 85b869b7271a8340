package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.io.Closeable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One search for a node to attach to, on a thread of its own: a server that does not answer must not hold up a poll, and with
 * it the end of the task.
 */
final class NodeSearch implements Closeable {

    private static final long END_PATIENCE_MS = 2000;

    private final Cancellation cancellation = new Cancellation();
    private final CompletableFuture<Node> found = new CompletableFuture<>();
    private final Thread thread;

    /** Whether the node has been taken, or is no longer wanted. */
    private boolean over;

    /**
     * Begins it.
     *
     * @param patient as in {@link NodeFinder#find}
     */
    NodeSearch(NodeFinder nodes, ResumePoint from, boolean patient, String shard) {
        thread = new Thread(() -> search(nodes, from, patient), "redis-cdc-attach-" + shard);
        thread.setDaemon(true);
        thread.start();
    }

    private void search(NodeFinder nodes, ResumePoint from, boolean patient) {
        Node node = null;
        try {
            node = nodes.find(from, patient, cancellation);
            node.handshake().announce();
            if (!found.complete(node)) {
                node.close();
            }
        } catch (RuntimeException e) {
            if (node != null) {
                node.close();
            }
            found.completeExceptionally(e);
        }
    }

    /**
     * Waits for the node, to which we are logged in and announced, and which is the caller's from then on.
     *
     * @return null if it is not known yet
     * @throws RedisCdcException as {@link NodeFinder#find}
     */
    Node await(long ms) {
        try {
            return take(found.get(ms, TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RedisCdcException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private synchronized Node take(Node node) {
        if (over) {
            throw noLongerWanted();
        }
        over = true;
        return node;
    }

    private static RedisCdcException noLongerWanted() {
        return new RedisCdcException(Category.CONNECTION, "closed while connecting");
    }

    /** Ends it, if it is not over; what was found and not taken is closed. From any thread. */
    @Override
    public void close() {
        cancellation.cancel();
        found.completeExceptionally(noLongerWanted());
        try {
            thread.join(END_PATIENCE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (giveUp() && !found.isCompletedExceptionally()) {
            found.join().close();
        }
    }

    /** Whether it was not over. */
    private synchronized boolean giveUp() {
        boolean open = !over;
        over = true;
        return open;
    }
}
