package io.rediscdc.chaos;

import io.rediscdc.standalone.process.LocalPorts;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP proxy on a port of its own, whose connections can be cut, whose server can be muted, and which can turn everybody
 * away. The server behind it may change; that is for new connections only.
 */
final class ChaosProxy implements Closeable {

    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Object mute = new Object();
    private volatile int serverPort;
    private volatile boolean refusing;
    private volatile boolean closed;
    private boolean muted;

    ChaosProxy(int serverPort) throws IOException {
        this.serverPort = serverPort;
        listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), LocalPorts.free()));
        daemon("chaos-proxy-" + port(), this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    /** Where new connections lead. */
    void leadTo(int port) {
        serverPort = port;
    }

    /** Ends all connections, with whatever is on its way. */
    void cut() {
        links.forEach(Link::close);
    }

    /** Whether new connections are closed at once. */
    void refuse(boolean yes) {
        refusing = yes;
    }

    /** What the server says is kept back from here on; what it is told still reaches it. */
    void mute() {
        synchronized (mute) {
            muted = true;
        }
    }

    /** Hands on what was kept back. */
    void unmute() {
        synchronized (mute) {
            muted = false;
            mute.notifyAll();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        cut();
        unmute();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = listener.accept();
                if (refusing || closed) {
                    client.close();
                } else {
                    connect(client);
                }
            } catch (IOException e) {
                // closed, or the client has gone already
            }
        }
    }

    private void connect(Socket client) throws IOException {
        Socket server = new Socket();
        try {
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort), 2000);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            new Link(client, server).start();
        } catch (IOException e) {
            server.close();
            client.close();
        }
    }

    private void awaitVoice() throws IOException {
        synchronized (mute) {
            while (muted) {
                try {
                    mute.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
            }
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** One connection: two sockets, a thread in each direction. */
    private final class Link {
        private final Socket client;
        private final Socket server;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void start() {
            links.add(this);
            daemon("chaos-up-" + serverPort, () -> copy(client, server, false));
            daemon("chaos-down-" + serverPort, () -> copy(server, client, true));
        }

        private void copy(Socket from, Socket to, boolean fromServer) {
            byte[] buffer = new byte[1 << 16];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (fromServer) {
                        awaitVoice();
                    }
                    out.write(buffer, 0, n);
                }
            } catch (IOException e) {
                // an end like any other: of both directions
            } finally {
                close();
            }
        }

        void close() {
            links.remove(this);
            closeQuietly(client);
            closeQuietly(server);
        }

        private void closeQuietly(Socket socket) {
            try {
                socket.close();
            } catch (IOException e) {
                // it is of no use either way
            }
        }
    }
}
