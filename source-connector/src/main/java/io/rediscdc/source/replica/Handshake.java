package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a replica says before PSYNC (replication.c, syncWithMaster), and what the server's refusals mean. */
final class Handshake {

    private static final Logger LOG = LoggerFactory.getLogger(Handshake.class);

    /**
     * A port that no server has: a master accepts it, Sentinel and whoever reads INFO finds it out of range and leaves
     * us out of its list of replicas, so that nobody tries to promote or reconfigure us.
     */
    private static final String NO_PORT = "70000";

    /** Valkey 9 sends hash fields with a TTL only to replicas that say they are as new. */
    private static final String VALKEY_VERSION = "9.1.0";

    private final ReplicaLink link;
    private final String username;
    private final String password;
    private final boolean diskless;

    Handshake(ReplicaLink link, String username, String password, boolean diskless) {
        this.link = link;
        this.username = username;
        this.password = password;
        this.diskless = diskless;
    }

    /** What the server says of itself; it may refuse to, and then it is not known. */
    NodeState state() {
        Reply reply = link.call("INFO", "replication");
        return reply instanceof Reply.Bulk ? NodeState.parse(reply.text()) : NodeState.UNKNOWN;
    }

    void ping() {
        Reply reply = link.call("PING");
        if (reply.isFailure()) {
            throw refusal("PING", reply.text());
        }
    }

    /** Says what kind of replica we are. Servers that do not know an option refuse it; none is needed to go on. */
    void announce() {
        announce("listening-port", NO_PORT);
        announce("version", VALKEY_VERSION);
        if (diskless) {
            announce("capa", "eof", "capa", "psync2");
        } else {
            announce("capa", "psync2");
        }
    }

    void authenticate() {
        if (password == null) {
            return;
        }
        Reply reply = username == null ? link.call("AUTH", password) : link.call("AUTH", username, password);
        if (reply.isFailure()) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    link.node() + " refused the login: " + reply.text() + "; check redis.username and redis.password");
        }
    }

    private void announce(String... options) {
        String[] args = new String[options.length + 1];
        args[0] = "REPLCONF";
        System.arraycopy(options, 0, args, 1, options.length);
        Reply reply = link.call(args);
        if (reply.isFailure()) {
            String error = reply.text();
            if (error.startsWith("NOPERM") || error.startsWith("NOAUTH")) {
                throw refusal("REPLCONF", error);
            }
            LOG.debug("{} does not know REPLCONF {}: {}", link.node(), options[0], error);
        }
    }

    /** What an error reply to a command of the handshake, PSYNC included, means to the operator. */
    RedisCdcException refusal(String command, String error) {
        String said = link.node() + " refused " + command + ": " + error;
        String code = error.split(" ", 2)[0];
        return switch (code) {
            case "NOAUTH" ->
                new RedisCdcException(
                        Category.CONFIG, said + "; set redis.password (and redis.username for an ACL user)");
            case "NOPERM" ->
                new RedisCdcException(
                        Category.CONFIG,
                        said + "; grant what replication needs: ACL SETUSER "
                                + (username == null ? "default" : username) + " +psync +replconf +ping");
            case "LOADING" -> new ServerLoadingException(said + "; it is tried again for as long as it says so");
            case "BUSY", "NOMASTERLINK", "MASTERDOWN" ->
                new RedisCdcException(Category.CONNECTION, said + "; it is tried again");
            default ->
                command.equals("PSYNC") && error.contains("unknown command")
                        ? new RedisCdcException(
                                Category.UNSUPPORTED,
                                said
                                        + "; this server does not let anybody join as a replica under that name (a managed"
                                        + " service or a proxy?). If PSYNC has another name there, psync.command takes it;"
                                        + " if it has none, capture.mode=scan reads a server without")
                        : new RedisCdcException(Category.PROTOCOL, said);
        };
    }
}
