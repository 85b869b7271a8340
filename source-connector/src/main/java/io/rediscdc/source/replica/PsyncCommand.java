package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.util.HashMap;
import java.util.Map;

/**
 * What PSYNC is called at which server: some services rename it, each server's to a word of its own. It is as good as a
 * password, and not logged.
 */
public final class PsyncCommand {

    /** As no server has renamed it. */
    public static final PsyncCommand STANDARD = parse("PSYNC");

    private final String everywhere;
    private final Map<RedisAddress, String> byNode;

    private PsyncCommand(String everywhere, Map<RedisAddress, String> byNode) {
        this.everywhere = everywhere;
        this.byNode = byNode;
    }

    /**
     * Reads {@code word}, or {@code host:port@word,...} with at most one entry without a server, for all others.
     *
     * @throws RedisCdcException CONFIG if it is neither
     */
    public static PsyncCommand parse(String text) {
        String everywhere = null;
        Map<RedisAddress, String> byNode = new HashMap<>();
        for (String entry : text.split(",", -1)) {
            int at = entry.lastIndexOf('@');
            String word = entry.substring(at + 1).trim();
            if (word.isEmpty() || word.indexOf(' ') >= 0 || (at < 0 && everywhere != null)) {
                throw new RedisCdcException(
                        Category.CONFIG,
                        "has an entry that is neither a command, for all servers, nor host:port@command");
            }
            if (at < 0) {
                everywhere = word;
            } else {
                byNode.put(RedisAddress.parse(entry.substring(0, at)), word);
            }
        }
        return new PsyncCommand(everywhere == null ? "PSYNC" : everywhere, Map.copyOf(byNode));
    }

    String at(RedisAddress node) {
        return byNode.getOrDefault(node, everywhere);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PsyncCommand that && everywhere.equals(that.everywhere) && byNode.equals(that.byNode);
    }

    @Override
    public int hashCode() {
        return 31 * everywhere.hashCode() + byNode.hashCode();
    }

    /** Without the words. */
    @Override
    public String toString() {
        return equals(STANDARD) ? "PSYNC" : "PSYNC by another name";
    }
}
