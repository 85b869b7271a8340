package io.rediscdc.testing;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ReplyReader;
import io.rediscdc.format.resp.RespWriter;
import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A client of a {@link RedisCluster} that follows MOVED and ASK, as a user's does, while slots move. Used by one thread. */
public final class ClusterClient implements Closeable {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final RedisCluster cluster;
    private final Map<Integer, Link> links = new HashMap<>();

    private record Link(Socket socket, ReplyReader replies) {}

    public ClusterClient(RedisCluster cluster) {
        this.cluster = cluster;
    }

    /** The reply to a command that is executed once; twice, or not for long, where a node dies that it was sent to. */
    public Reply call(String... args) {
        int port = anyPort();
        boolean asking = false;
        long start = System.nanoTime();
        while (System.nanoTime() - start < PATIENCE_NANOS) {
            Reply reply;
            try {
                reply = ask(port, asking, args);
            } catch (IOException e) {
                links.remove(port);
                pause();
                port = anyPort();
                asking = false;
                continue;
            }
            asking = false;
            if (!reply.isFailure()) {
                return reply;
            }
            String line = reply.text();
            if (line.startsWith("MOVED ") || line.startsWith("ASK ")) {
                port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
                asking = line.startsWith("ASK ");
            } else if (line.startsWith("TRYAGAIN") || line.startsWith("CLUSTERDOWN")) {
                pause();
            } else {
                throw new IllegalStateException(line);
            }
        }
        throw new IllegalStateException("nobody executes it");
    }

    private int anyPort() {
        for (int i = 0; i < cluster.size(); i++) {
            if (cluster.node(i).isAlive()) {
                return cluster.node(i).port();
            }
        }
        throw new IllegalStateException("no node is alive");
    }

    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Reply ask(int port, boolean asking, String... args) throws IOException {
        Link link = links.get(port);
        if (link == null) {
            link = open(port);
            links.put(port, link);
        }
        if (asking) {
            link.socket().getOutputStream().write(RespWriter.command("ASKING"));
            link.replies().next();
        }
        link.socket().getOutputStream().write(RespWriter.command(args));
        return link.replies().next();
    }

    private Link open(int port) throws IOException {
        for (int i = 0; i < cluster.size(); i++) {
            if (cluster.node(i).port() == port) {
                Socket socket = cluster.node(i).open();
                return new Link(socket, new ReplyReader(RedisServer.input(socket)));
            }
        }
        throw new IllegalStateException("no node has port " + port);
    }

    @Override
    public void close() throws IOException {
        for (Link link : links.values()) {
            link.socket().close();
        }
    }
}
