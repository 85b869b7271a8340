package io.rediscdc.standalone.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free TCP ports of 127.0.0.1. Taken from below the range that systems hand to outgoing connections, so that nobody
 * takes one by chance between the look and the server's start; never the same one twice in a JVM.
 */
public final class LocalPorts {

    private static final int FIRST = 20_000;
    private static final int END = 32_000;
    private static final Set<Integer> HANDED_OUT = new HashSet<>();

    private LocalPorts() {}

    /** A port nobody listens on. */
    public static int free() {
        synchronized (HANDED_OUT) {
            for (int attempt = 0; attempt < 1000; attempt++) {
                int port = ThreadLocalRandom.current().nextInt(FIRST, END);
                if (!HANDED_OUT.contains(port) && isFree(port)) {
                    HANDED_OUT.add(port);
                    return port;
                }
            }
        }
        throw new ProcessException("no free port found between " + FIRST + " and " + END + " on 127.0.0.1");
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
