package io.rediscdc.sentinel;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.connection.RespConnection;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.error.SentinelException;
import io.rediscdc.error.SentinelException.Fault;
import io.rediscdc.format.resp.Reply;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A connection to one sentinel, for one question. */
final class SentinelConnection {

    private final RedisAddress address;
    private final SentinelOptions options;
    private final RespConnection connection;

    /** @param connection the caller's, not connected yet */
    SentinelConnection(RespConnection connection, SentinelOptions options) {
        this.address = connection.address();
        this.options = options;
        this.connection = connection;
    }

    /**
     * Connects and asks.
     *
     * @throws SentinelException with this sentinel's part of the message: what is wrong there
     */
    SentinelView view() {
        try {
            connection.connect();
            login();
            return ask();
        } catch (SocketTimeoutException e) {
            throw unreachable("no answer within " + options.timeoutMs() + " ms", e);
        } catch (IOException e) {
            throw unreachable(e.getMessage(), e);
        } catch (SentinelException e) {
            throw e;
        } catch (RedisCdcException e) {
            throw notSentinel(e.getMessage());
        }
    }

    private void login() throws IOException {
        Reply reply = connection.login(options.username(), options.password());
        if (reply != null && reply.isFailure()) {
            throw refused(reply);
        }
    }

    private SentinelView ask() throws IOException {
        // The address that clients are to use: while a failover ends, the leader names the promoted replica here first.
        Reply said = sentinel("GET-MASTER-ADDR-BY-NAME");
        if (!(said instanceof Reply.Array pair) || pair.elements().size() != 2) {
            throw new SentinelException(
                    Category.CONFIG, Fault.MASTER, address + " knows no master of that name" + names());
        }
        RedisAddress master =
                address(pair.elements().get(0).text(), pair.elements().get(1).text());
        Map<String, String> facts = fields(sentinel("MASTER"));
        boolean ahead = !master.equals(address(facts.get("ip"), facts.get("port")));
        long epoch = number(facts.get("config-epoch")) + (ahead ? 1 : 0);
        List<RedisAddress> up = new ArrayList<>();
        List<RedisAddress> down = new ArrayList<>();
        sortReplicas(master, up, down);
        return new SentinelView(master, up, down, epoch, address);
    }

    /** Where it has been promoted and not switched to yet, the master is still in the list of replicas. */
    private void sortReplicas(RedisAddress master, List<RedisAddress> up, List<RedisAddress> down) throws IOException {
        Reply reply = connection.call("SENTINEL", "REPLICAS", options.master());
        if (reply.isFailure()) {
            reply = sentinel("SLAVES"); // before 5.0
        }
        if (reply instanceof Reply.Array replicas) {
            for (Reply replica : replicas.elements()) {
                Map<String, String> facts = fields(replica);
                RedisAddress node = address(facts.get("ip"), facts.get("port"));
                if (!node.equals(master)) {
                    (facts.getOrDefault("flags", "").contains("down") ? down : up).add(node);
                }
            }
        }
    }

    /** Which names it does know: a typing error is seen at once then. */
    private String names() throws IOException {
        List<String> names = new ArrayList<>();
        if (connection.call("SENTINEL", "MASTERS") instanceof Reply.Array masters) {
            masters.elements().forEach(master -> names.add(fields(master).get("name")));
        }
        return names.isEmpty() ? "" : ", only " + String.join(", ", names);
    }

    /** About our master; a refusal is thrown. */
    private Reply sentinel(String question) throws IOException {
        Reply reply = connection.call("SENTINEL", question, options.master());
        if (reply.isFailure()) {
            throw refused(reply);
        }
        return reply;
    }

    private SentinelException refused(Reply reply) {
        String error = reply.text();
        String code = error.split(" ", 2)[0];
        if (error.startsWith("ERR unknown command")) {
            return notSentinel("it does not know the command SENTINEL");
        }
        if (error.startsWith("ERR No such master")) {
            // Between two questions.
            return new SentinelException(Category.CONFIG, Fault.MASTER, address + " knows no master of that name");
        }
        return switch (code) {
            case "NOAUTH", "WRONGPASS", "NOPERM", "ERR" ->
                new SentinelException(Category.CONFIG, Fault.LOGIN, address + " refused us: " + error);
            default -> unreachable(error, null);
        };
    }

    private SentinelException notSentinel(String why) {
        return new SentinelException(Category.CONFIG, Fault.NODES, address + " is no sentinel: " + why);
    }

    private SentinelException unreachable(String why, Exception cause) {
        return new SentinelException(Category.CONNECTION, Fault.NODES, address + ": " + why, cause);
    }

    private RedisAddress address(String host, String port) {
        try {
            return new RedisAddress(host, Integer.parseInt(port));
        } catch (NumberFormatException e) {
            throw new RedisCdcException(Category.PROTOCOL, "its answer has no port where one has to be", e);
        }
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0; // 2.8.0 to 2.8.3 do not say
        }
    }

    /** A flat array of names and values. */
    private static Map<String, String> fields(Reply reply) {
        Map<String, String> fields = new HashMap<>();
        if (reply instanceof Reply.Array array) {
            for (int i = 0; i + 1 < array.elements().size(); i += 2) {
                fields.put(
                        array.elements().get(i).text(),
                        array.elements().get(i + 1).text());
            }
        }
        return fields;
    }
}
