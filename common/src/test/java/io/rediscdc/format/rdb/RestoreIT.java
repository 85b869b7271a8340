package io.rediscdc.format.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Flavour;
import io.rediscdc.testing.FreePort;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A real server (7.0 or later, on PATH) takes every payload it can know, and holds the same afterwards. */
class RestoreIT {

    /** Of Redis 7.0. */
    private static final int SERVER_VERSION = 10;

    /** Hash tables: DUMP gives their elements in an order that is another one in every process. */
    private static final Set<RdbType> UNORDERED = EnumSet.of(RdbType.SET, RdbType.HASH);

    static final List<String> FIXTURES = Fixture.NAMES_AND_VERSIONS;

    @TempDir
    private Path directory;

    private Process server;
    private Socket socket;
    private DataInputStream replies;
    private OutputStream commands;

    @ParameterizedTest
    @FieldSource("FIXTURES")
    void theServerHoldsWhatItWasGiven(String nameAndVersion) throws Exception {
        String name = nameAndVersion.substring(0, nameAndVersion.indexOf(','));
        byte[] rdb = new Fixture(name).bytes();
        List<RdbItem> items = Fixture.read(rdb);
        RdbItem.Header header = (RdbItem.Header) items.get(0);
        boolean loadable = header.flavour() == Flavour.REDIS && header.rdbVersion() <= SERVER_VERSION;
        if (loadable) {
            Files.write(directory.resolve("dump.rdb"), rdb);
        }
        start();
        String loaded = text(call("DEBUG", "DIGEST"));
        call("FLUSHALL");

        int restored = 0;
        for (RdbItem.Key key : Fixture.keys(items)) {
            if (key.type().minimumVersion() <= SERVER_VERSION && key.type() != RdbType.MODULE_2) {
                restore(key);
                restored++;
            }
        }

        assertThat(restored).isGreaterThan(90);
        if (loadable) {
            assertThat(restored).isEqualTo(Fixture.keys(items).size());
            assertThat(text(call("DEBUG", "DIGEST"))).isEqualTo(loaded);
        }
    }

    private void restore(RdbItem.Key key) throws IOException {
        byte[] payload = DumpPayload.withVersion(key.dump(), key.type().minimumVersion());
        String expiry = String.valueOf(key.expires() ? key.expireAtMs() : 0);
        call("SELECT", String.valueOf(key.db()));
        assertThat(text(call("RESTORE", key.key(), expiry, payload, "REPLACE", "ABSTTL")))
                .as("%s", key.type())
                .isEqualTo("OK");
        assertThat(text(call("PEXPIRETIME", key.key()))).isEqualTo(String.valueOf(key.expireAtMs()));
        if (DumpPayload.isPlainString(payload)) {
            assertThat(call("GET", key.key())).isEqualTo(DumpPayload.string(payload));
        }
        byte[] dump = call("DUMP", key.key());
        if (DumpPayload.rdbVersion(dump) == DumpPayload.rdbVersion(key.dump()) && !UNORDERED.contains(key.type())) {
            assertThat(dump).as("%s", key.type()).isEqualTo(key.dump());
        }
    }

    private void start() throws IOException {
        int port = FreePort.next();
        server = new ProcessBuilder(
                        "redis-server",
                        "--port",
                        String.valueOf(port),
                        "--bind",
                        "127.0.0.1",
                        "--enable-debug-command",
                        "yes",
                        "--save",
                        "")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(new File(directory.toFile(), "log"))
                .start();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .ignoreException(ConnectException.class)
                .until(() -> {
                    socket = new Socket(InetAddress.getLoopbackAddress(), port);
                    return true;
                });
        replies = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        commands = socket.getOutputStream();
        Awaitility.await().until(() -> text(call("PING")).equals("PONG"));
    }

    @AfterEach
    void stop() throws Exception {
        if (socket != null) {
            socket.close();
        }
        if (server != null) {
            server.destroy();
            assertThat(server.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Sends strings and byte arrays, and returns the reply: a line without its first character, or a bulk. */
    private byte[] call(Object... arguments) throws IOException {
        List<byte[]> parts = new ArrayList<>();
        int length = 0;
        parts.add(("*" + arguments.length + "\r\n").getBytes(ISO_8859_1));
        for (Object argument : arguments) {
            byte[] bytes = argument instanceof byte[] raw ? raw : ((String) argument).getBytes(ISO_8859_1);
            parts.add(("$" + bytes.length + "\r\n").getBytes(ISO_8859_1));
            parts.add(bytes);
            parts.add("\r\n".getBytes(ISO_8859_1));
        }
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] command = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, command, at, part.length);
            at += part.length;
        }
        commands.write(command);
        String line = line();
        if (line.charAt(0) != '$') {
            return line.substring(1).getBytes(ISO_8859_1);
        }
        byte[] bulk = new byte[Integer.parseInt(line.substring(1))];
        replies.readFully(bulk);
        line();
        return bulk;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = replies.readUnsignedByte(); b != '\n'; b = replies.readUnsignedByte()) {
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    private static String text(byte[] reply) {
        return new String(reply, ISO_8859_1);
    }
}
