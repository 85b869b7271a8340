package io.rediscdc.format.resp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.command.CommandKind;
import io.rediscdc.command.CommandSpec;
import io.rediscdc.command.CommandTable;
import io.rediscdc.format.ByteInput;
import io.rediscdc.testing.RedisServer;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A redis-server's own replication stream, from the handshake on. */
class ReplicationStreamIT {

    @Test
    @Timeout(60)
    void countsWhatTheMasterCounts() throws Exception {
        try (RedisServer server = new RedisServer("--repl-diskless-sync", "no", "--repl-ping-replica-period", "3600");
                Socket socket = server.open()) {
            ByteInput in = RedisServer.input(socket);
            ReplyReader replies = new ReplyReader(in);
            socket.getOutputStream().write(RespWriter.command("PSYNC", "?", "-1"));
            String[] answer = replies.next().text().split(" ", -1);
            String header = replies.nextLine();
            in.skip(Long.parseLong(header.substring(1)));
            CommandReader commands = new CommandReader(in);

            write(server);
            List<CommandSpec> specs = new ArrayList<>();
            byte[][] args;
            do {
                args = commands.next();
                specs.add(CommandTable.standard().spec(args));
                assertThat(CommandTable.standard().spec(args).keys(args)).isSorted();
            } while (!new String(args[0], UTF_8).equals("PUBLISH"));

            assertThat(answer[0]).isEqualTo("FULLRESYNC");
            assertThat(Long.parseLong(answer[2]) + commands.position()).isEqualTo(masterOffset(server));
            assertThat(specs)
                    .extracting(CommandSpec::kind)
                    .contains(CommandKind.SELECT, CommandKind.MULTI, CommandKind.EXEC, CommandKind.WRITE)
                    .contains(CommandKind.FLUSH, CommandKind.SWAPDB, CommandKind.FUNCTION, CommandKind.PUBLISH)
                    .doesNotContain(CommandKind.UNKNOWN, CommandKind.EVAL);
            assertThat(specs).extracting(CommandSpec::name).contains("pfcount", "xclaim", "hset", "set", "zadd");
        }
    }

    private static void write(RedisServer server) {
        server.call("SET", "a", "1", "EX", "100");
        server.call("MULTI");
        server.call("INCR", "a");
        server.call("SELECT", "2");
        server.call("HINCRBYFLOAT", "h", "f", "1.5");
        server.call("EXEC");
        server.call("GEOADD", "g", "13.361389", "38.115556", "m");
        server.call("PFADD", "p", "x", "y");
        server.call("PFCOUNT", "p");
        server.call("XADD", "s", "*", "f", "v");
        server.call("XGROUP", "CREATE", "s", "g", "0");
        server.call("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">");
        server.call("EVAL", "redis.call('set', KEYS[1], 1); return redis.call('incr', KEYS[1])", "1", "e");
        server.call("FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 1 end)");
        server.call("SET", "long", "x".repeat(3_000_000));
        server.call("SWAPDB", "0", "2");
        server.call("FLUSHDB");
        server.call("FLUSHALL");
        server.call("PUBLISH", "mark", "1");
    }

    private static long masterOffset(RedisServer server) {
        return server.call("INFO", "replication")
                .text()
                .lines()
                .filter(line -> line.startsWith("master_repl_offset:"))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1)))
                .findFirst()
                .orElseThrow();
    }
}
