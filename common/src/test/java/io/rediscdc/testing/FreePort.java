package io.rediscdc.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port of 127.0.0.1 that nobody listens on, nor on the one 10,000 above, where a node of a cluster has its bus. Both lie
 * below the ports that outgoing connections get: none of them takes it before the server starts, or while it is down. Nor are
 * they among those of {@code LocalPorts}, whose servers run beside these.
 */
public final class FreePort {

    private static final int FIRST = 12_500;
    private static final int END = 20_000;
    private static final int CLUSTER_BUS = 10_000;
    private static final int ATTEMPTS = 1000;
    private static final Set<Integer> HANDED_OUT = new HashSet<>();

    private FreePort() {}

    /** Another one with each call. */
    public static synchronized int next() throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            if (isFree(port) && isFree(port + CLUSTER_BUS) && HANDED_OUT.add(port)) {
                return port;
            }
        }
        throw new IOException("no free port from " + FIRST + " to " + END + " on 127.0.0.1");
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
