package io.rediscdc.sentinel;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.connection.SocketInput;
import io.rediscdc.format.resp.CommandReader;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Answers each command with what was set for it; {@code -ERR unknown command} without. */
final class FakeSentinel implements Closeable {

    private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    final Queue<String> asked = new ConcurrentLinkedQueue<>();

    FakeSentinel() throws IOException {
        Thread thread = new Thread(this::accept, "fake-sentinel");
        thread.setDaemon(true);
        thread.start();
    }

    RedisAddress address() {
        return new RedisAddress("127.0.0.1", server.getLocalPort());
    }

    /** @param command as {@code SENTINEL MASTER}, or {@code AUTH} */
    FakeSentinel answer(String command, String raw) {
        answers.put(command, raw);
        return this;
    }

    /** As a sentinel that names this port of host r as the master's, in that epoch. */
    @SafeVarargs
    final FakeSentinel names(int port, long epoch, List<String>... replicas) {
        StringBuilder list = new StringBuilder("*" + replicas.length + "\r\n");
        for (List<String> replica : replicas) {
            list.append(array(replica.toArray(String[]::new)));
        }
        return answer("SENTINEL GET-MASTER-ADDR-BY-NAME", array("r", Integer.toString(port)))
                .answer("SENTINEL MASTER", master(port, epoch))
                .answer("SENTINEL REPLICAS", list.toString());
    }

    static String master(int port, long epoch) {
        return array("name", "shop", "ip", "r", "port", Integer.toString(port), "config-epoch", Long.toString(epoch));
    }

    static List<String> replica(int port, String flags) {
        return List.of("name", "r:" + port, "ip", "r", "port", Integer.toString(port), "flags", flags);
    }

    static String array(String... texts) {
        StringBuilder array = new StringBuilder("*" + texts.length + "\r\n");
        for (String text : texts) {
            array.append('$').append(text.length()).append("\r\n").append(text).append("\r\n");
        }
        return array.toString();
    }

    private void accept() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                serve(socket);
            } catch (IOException e) {
                // The other side has hung up, or the test is over.
            }
        }
    }

    private void serve(Socket socket) throws IOException {
        CommandReader commands = new CommandReader(new SocketInput(socket.getInputStream()));
        OutputStream out = socket.getOutputStream();
        try {
            while (true) {
                byte[][] args = commands.next();
                String name = new String(args[0], StandardCharsets.UTF_8);
                if (name.equals("SENTINEL")) {
                    name += " " + new String(args[1], StandardCharsets.UTF_8).toUpperCase(Locale.ROOT);
                }
                asked.add(name);
                String answer = answers.getOrDefault(name, "-ERR unknown command '" + name + "'\r\n");
                out.write(answer.getBytes(StandardCharsets.UTF_8));
            }
        } catch (EOFException e) {
            // It has what it wanted.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
