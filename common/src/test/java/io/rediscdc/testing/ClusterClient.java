package io.rediscdc.testing;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ReplyReader;
import io.rediscdc.format.resp.RespWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;

/** A client of a {@link RedisCluster} that follows MOVED and ASK, as a user's does, while slots move. Used by one thread. */
public final class ClusterClient implements Closeable {

    private static final int MOST_ATTEMPTS = 1_000;

    private final RedisCluster cluster;
    private final Map<Integer, Link> links = new HashMap<>();

    private record Link(Socket socket, ReplyReader replies) {}

    public ClusterClient(RedisCluster cluster) {
        this.cluster = cluster;
    }

    /** The reply to a command that is executed once. */
    public Reply call(String... args) {
        int port = cluster.node(0).port();
        boolean asking = false;
        for (int i = 0; i < MOST_ATTEMPTS; i++) {
            Reply reply = ask(port, asking, args);
            asking = false;
            if (!reply.isFailure()) {
                return reply;
            }
            String line = reply.text();
            if (line.startsWith("MOVED ") || line.startsWith("ASK ")) {
                port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
                asking = line.startsWith("ASK ");
            } else if (!line.startsWith("TRYAGAIN") && !line.startsWith("CLUSTERDOWN")) {
                throw new IllegalStateException(line);
            }
        }
        throw new IllegalStateException("nobody executes it");
    }

    private Reply ask(int port, boolean asking, String... args) {
        try {
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
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
