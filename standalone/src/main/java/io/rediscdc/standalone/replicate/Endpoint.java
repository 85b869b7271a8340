package io.rediscdc.standalone.replicate;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisConnectionException;
import io.rediscdc.standalone.redis.RedisErrorException;
import io.rediscdc.standalone.redis.RedisUri;
import io.rediscdc.standalone.redis.ServerInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Source or target of a flow, on a connection of our own, beside the connectors'. */
public final class Endpoint implements AutoCloseable {

    private final String role;
    private final RedisUri uri;
    private RedisConnection connection;

    private Endpoint(String role, RedisUri uri, RedisConnection connection) {
        this.role = role;
        this.uri = uri;
        this.connection = connection;
    }

    /**
     * Connects, and makes sure that the server can be used.
     *
     * @param role source or target, for messages
     * @throws UsageException if it cannot be reached, refuses us, is loading or a cluster node
     */
    public static Endpoint open(String role, RedisUri uri) {
        RedisConnection connection = null;
        try {
            connection = RedisConnection.open(uri);
            ServerInfo info = ServerInfo.of(connection, "");
            if (info.number("loading") != 0) {
                throw new UsageException(
                        role + " " + uri + " is loading its data set; start again when it has loaded it");
            }
            if (info.number("cluster_enabled") != 0) {
                throw new UsageException(role + " " + uri + " is a node of a cluster, which is not yet supported");
            }
            return new Endpoint(role, uri, connection);
        } catch (RedisConnectionException e) {
            close(connection);
            throw new UsageException(role + " " + e.getMessage(), e);
        } catch (RedisErrorException e) {
            close(connection);
            throw new UsageException(role + " " + uri + ": " + remedy(e), e);
        } catch (UsageException e) {
            close(connection);
            throw e;
        }
    }

    public RedisUri uri() {
        return uri;
    }

    /** Different for every start of every server. */
    public String runId() {
        return info("server").text("run_id");
    }

    public boolean isReplica() {
        return info("replication").text("role").equals("slave");
    }

    /** Keys in all databases, ours included. */
    public long keys() {
        return info("keyspace").totalKeys();
    }

    /** Offset of the last byte of its history, as the source counts. */
    public long replicationOffset() {
        return info("replication").number("master_repl_offset");
    }

    /** A flow's checkpoint, or null if there is none. */
    public Checkpoint checkpoint(String flow) {
        Map<String, String> fields = new HashMap<>();
        List<?> reply = (List<?>) call("HGETALL", Checkpoint.key(flow));
        for (int i = 0; i + 1 < reply.size(); i += 2) {
            fields.put(RedisConnection.string(reply.get(i)), RedisConnection.string(reply.get(i + 1)));
        }
        return fields.isEmpty() ? null : Checkpoint.of(fields);
    }

    /** Our own keys in database 0: of all flows, or of the given one. */
    public List<String> reservedKeys(String flow) {
        String pattern = ChangeKey.RESERVED_PREFIX + "*" + (flow == null ? "" : flow + "*");
        Set<String> keys = new TreeSet<>();
        String cursor = "0";
        do {
            List<?> reply = (List<?>) call("SCAN", cursor, "MATCH", pattern, "COUNT", "10000");
            cursor = RedisConnection.string(reply.get(0));
            for (Object found : (List<?>) reply.get(1)) {
                String key = RedisConnection.string(found);
                boolean building = key.startsWith(ChangeKey.CONSTRUCTION_PREFIX);
                if (flow == null || key.contains(building ? "}:" + flow + ":" : "{" + flow + "}")) {
                    keys.add(key);
                }
            }
        } while (!cursor.equals("0"));
        return List.copyOf(keys);
    }

    /** Removes what a flow that is over has left. */
    public void removeReservedKeys(String flow) {
        reservedKeys(flow).forEach(key -> call("DEL", key));
    }

    /** One command; once more on a new connection if this one was lost. */
    private Object call(String... words) {
        try {
            return connection.call(words);
        } catch (RedisConnectionException e) {
            connection.close();
            connection = RedisConnection.open(uri);
            return connection.call(words);
        }
    }

    private ServerInfo info(String section) {
        call("PING");
        return ServerInfo.of(connection, section);
    }

    @Override
    public void close() {
        connection.close();
    }

    @Override
    public String toString() {
        return role + " " + uri;
    }

    private static void close(RedisConnection connection) {
        if (connection != null) {
            connection.close();
        }
    }

    private static String remedy(RedisErrorException e) {
        return switch (e.code()) {
            case "WRONGPASS" -> "wrong user or password (" + e.getMessage() + ")";
            case "NOAUTH" -> "the server wants a password: redis://[user]:password@host";
            case "NOPERM" -> e.getMessage() + "; allow the user what docs/ lists";
            case "LOADING" -> "the server is loading its data set; start again when it has loaded it";
            default -> e.getMessage();
        };
    }
}
