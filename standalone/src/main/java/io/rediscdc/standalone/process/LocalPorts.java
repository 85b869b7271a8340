package io.rediscdc.standalone.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free TCP ports of 127.0.0.1. Taken from below the range that systems hand to outgoing connections (on Linux from 32,768
 * on), so that nobody takes one by chance between the look and the server's start, or while the server is down; never the
 * same one twice in a JVM. The same holds for the port 10,000 above, where a node of a Redis Cluster has its bus.
 */
public final class LocalPorts {

    private static final int FIRST = 20_000;
    private static final int END = 22_500;
    private static final int CLUSTER_BUS = 10_000;
    private static final Set<Integer> HANDED_OUT = new HashSet<>();

    private LocalPorts() {}

    /** A port nobody listens on, nor on the one of its cluster bus. */
    public static int free() {
        synchronized (HANDED_OUT) {
            for (int attempt = 0; attempt < 1000; attempt++) {
                int port = ThreadLocalRandom.current().nextInt(FIRST, END);
                if (isFree(port) && HANDED_OUT.add(port)) {
                    return port;
                }
            }
        }
        throw new ProcessException("no free port found between " + FIRST + " and " + END + " on 127.0.0.1");
    }

    static boolean isFree(int port) {
        return canListen(port) && canListen(port + CLUSTER_BUS);
    }

    private static boolean canListen(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
