package io.rediscdc.source.scan;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.model.State;
import io.rediscdc.record.ChangeCodec;
import java.util.List;

/**
 * One command for each type that reads a value as a whole if it is small: for servers that refuse DUMP. They are those that
 * read windows, so that a user needs no further rights, and are bounded: what turns out not to be small is read in windows.
 * Not thread-safe.
 */
final class TypeCommands {

    /** What TYPE says where there is no key. */
    private static final String NONE = "none";

    /** Of values that are known to take little memory. */
    private static final int MOST_ELEMENTS = 100_000;

    /** Of others; what a window begins with. */
    private static final int BLIND_ELEMENTS = 64;

    /** The most memory that values may take, with what their elements take here. */
    private static final long MOST_TOGETHER = 4L << 20;

    private static final long LARGEST = 1L << 20;

    private static final byte[] TYPE = ScanLink.ascii("TYPE");

    private final ScanOptions options;
    private final ServerFacts facts;
    private final int most;
    private final ChangeCodec codec;

    TypeCommands(ScanOptions options, ServerFacts facts) {
        this.options = options;
        this.facts = facts;
        this.most = facts.tellsMemory() ? MOST_ELEMENTS : BLIND_ELEMENTS;
        this.codec = ChangeCodec.typed(options.maxRecordBytes());
    }

    /** Adds what asks of which type a key is. */
    void type(RespBuffer commands, byte[] key) {
        commands.command(TYPE, key);
    }

    /** Whether a value has to be read in windows. */
    boolean isLarge(String type, long memory) {
        return switch (type) {
            // When its fields expire is another question, about fields that are known.
            case "hash" -> facts.fieldsExpire() || cost(type, memory) > largest();
            case NONE, "string", "list", "set", "zset", "stream" -> cost(type, memory) > largest();
            default -> true;
        };
    }

    private long largest() {
        return Math.min(LARGEST, 4L * options.maxRecordBytes());
    }

    /** What a value may take here, by what it takes at the server: elements that are packed there, are not here. */
    long cost(String type, long memory) {
        return switch (type) {
            case NONE, "string" -> memory;
            case "stream" -> 8 * memory;
            default -> 4 * memory;
        };
    }

    /** How much values that are asked for at a time may take here, together. */
    long mostTogether() {
        return MOST_TOGETHER;
    }

    /** Adds what asks for a value; one command. */
    void value(RespBuffer commands, byte[] key, String type) {
        switch (type) {
            case "string" -> commands.begin(4).arg("GETRANGE").arg(key).arg(0).arg(options.maxRecordBytes());
            case "list" -> commands.begin(4).arg("LRANGE").arg(key).arg(0).arg(most);
            case "hash" -> scan(commands, "HSCAN", key);
            case "set" -> scan(commands, "SSCAN", key);
            case "zset" -> scan(commands, "ZSCAN", key);
            case "stream" ->
                commands.begin(6)
                        .arg("XINFO")
                        .arg("STREAM")
                        .arg(key)
                        .arg("FULL")
                        .arg("COUNT")
                        .arg(most);
            default -> type(commands, key);
        }
    }

    private void scan(RespBuffer commands, String command, byte[] key) {
        commands.begin(5).arg(command).arg(key).arg(0).arg("COUNT").arg(most);
    }

    /**
     * The state that a reply tells of.
     *
     * @param expireAtMs ms since 1970, null for never
     * @return null if the reply does not have the value as a whole, or if it does not fit into a record
     */
    State state(String type, Reply reply, Long expireAtMs) {
        if (!isWhole(type, reply)) {
            return null;
        }
        State state = new State(
                type,
                null,
                facts.flavour(),
                facts.rdbVersion(),
                expireAtMs,
                null,
                null,
                null,
                new ReplyValue(type, reply));
        return codec.fits(state) ? state : null;
    }

    /** Not so if the type has changed since it was asked for. */
    private boolean isWhole(String type, Reply reply) {
        if (type.equals("string")) {
            return reply instanceof Reply.Bulk bulk && bulk.bytes().length <= options.maxRecordBytes();
        }
        if (!(reply instanceof Reply.Array array)) {
            return false;
        }
        List<Reply> elements = array.elements();
        return switch (type) {
            case "list" -> elements.size() <= most;
            case "stream" -> FullStream.isWhole(reply);
            default -> elements.size() == 2 && elements.get(0).text().equals("0");
        };
    }
}
