package io.rediscdc.sink;

import io.rediscdc.command.NewStreamIds;
import io.rediscdc.command.piece.PieceReader;
import io.rediscdc.command.rebuild.StreamIds;
import io.rediscdc.command.rebuild.TargetAbilities;
import io.rediscdc.command.rebuild.Unsupported;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Piece;
import io.rediscdc.sink.expiry.Expiry;
import io.rediscdc.sink.state.MergePolicy;
import io.rediscdc.sink.target.CommandBuffer;
import io.rediscdc.sink.target.TargetFacts;
import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Builds values that come in pieces: under a key of our own, beside the one they are for, which they become with the last
 * piece. There is one at a time of each shard; which, and how much of it the target has, is in the checkpoint. Not thread-safe.
 */
final class LargeValues {

    private static final byte[] RENAME = ascii("RENAME");
    private static final byte[] HSET = ascii("HSET");
    private static final byte[] HMSET = ascii("HMSET");
    private static final byte[] HDEL = ascii("HDEL");
    private static final byte[] PEXPIREAT = ascii("PEXPIREAT");
    private static final byte[] XREADGROUP = ascii("XREADGROUP");
    private static final byte[] GROUP = ascii("GROUP");
    private static final byte[] COUNT = ascii("COUNT");
    private static final byte[] ONE = ascii("1");
    private static final byte[] STREAMS = ascii("STREAMS");
    private static final byte[] ZERO = ascii("0");
    private static final byte[] XGROUP = ascii("XGROUP");
    private static final byte[] CREATE = ascii("CREATE");
    private static final byte[] DESTROY = ascii("DESTROY");
    private static final byte[] MKSTREAM = ascii("MKSTREAM");
    private static final byte[] NO_ID = ascii("0-0");
    private static final byte[] NOTHING = {};

    /** XGROUP CREATE key group id MKSTREAM, XSETID key id: what old servers know of them. */
    private static final int GROUP_ARGS = 6;

    private static final int SETID_ARGS = 3;

    private static final String INVISIBLE =
            "nothing of it has become visible. Let the source make a new snapshot, then " + Rewind.HOW;

    private final CheckpointKey ours;
    private final Expiry expiry;
    private final MergePolicy merge;
    private final StreamIds ids;
    private final Consumer<String> omitted;
    private TargetFacts target;

    /** Of which the last piece has not been encoded, by shard. */
    private final Map<String, OpenValue> values = new HashMap<>();

    /** The one that is being encoded, null for none. */
    private OpenValue open;

    /**
     * @param omitted gets what the target cannot hold, by name, while it is left out of what is encoded; may throw, which
     *     ends the encoding
     */
    LargeValues(CheckpointKey ours, Expiry expiry, MergePolicy merge, StreamIds ids, Consumer<String> omitted) {
        this.ours = ours;
        this.expiry = expiry;
        this.merge = merge;
        this.ids = ids;
        this.omitted = omitted;
    }

    /** What follows is for this target. */
    void target(TargetFacts newTarget) {
        target = newTarget;
    }

    /** Begins where a checkpoint stands. */
    void startAt(Checkpoint checkpoint) {
        values.clear();
        checkpoint.shards().forEach((shard, point) -> {
            if (point.value() != null) {
                values.put(shard, point.value());
            }
        });
    }

    /** The values of which the last piece has not been encoded, by shard. */
    Map<String, OpenValue> open() {
        return values;
    }

    /** Values of these slots are built by somebody else. */
    void forget(SlotRanges slots) {
        values.values().removeIf(value -> slots.contains(value.slot()));
    }

    /** Whether the last piece of a value of that shard has not been encoded. */
    boolean isOpen(String shard) {
        return values.containsKey(shard);
    }

    /**
     * Adds what a piece asks for.
     *
     * @throws RedisCdcException GAP if it is not the next one, PROTOCOL or UNSUPPORTED if it is not what it should be
     */
    void encode(Change change, CommandBuffer out) {
        String shard = change.stamp().origin().shard();
        open = values.get(shard);
        encodePiece(change, out);
        if (open == null) {
            values.remove(shard);
        } else {
            values.put(shard, open);
        }
    }

    private void encodePiece(Change change, CommandBuffer out) {
        Piece piece = change.state().piece();
        ChangeKey key = change.key();
        String type = change.state().type();
        if (piece.number() == 0) {
            begin(OpenValue.of(key, merge.addsTo(type)), type, out);
        } else if (open == null) {
            throw OpenValue.gap(piece.number(), "none");
        }
        open.checkNext(key, piece.number());
        out.select(key.db());
        open = open.and(build(piece, open.isAdded() ? key.key() : ours.construction(open.slot()), out));
        if (open.elements() != piece.elements()) {
            throw new RedisCdcException(
                    Category.PROTOCOL,
                    "piece " + piece.number() + " of a large value brings it to " + open.elements()
                            + " elements and says " + piece.elements() + "; " + INVISIBLE);
        }
        if (piece.last()) {
            if (open.isAdded()) {
                expire(change, out);
            } else {
                finish(change, out);
            }
            open = null;
        }
    }

    /** Adds the removal of what of that shard will not be finished. */
    void abandon(String shard, CommandBuffer out) {
        open = values.remove(shard);
        abandon(out);
    }

    private void abandon(CommandBuffer out) {
        if (open != null && !open.isAdded()) {
            out.select(open.db());
            out.command(2).arg(target.removal()).arg(ours.construction(open.slot()));
        }
        open = null;
    }

    /** @throws RedisCdcException GAP if the last piece of a value of that shard is missing */
    void checkNoneIsOpen(String shard) {
        if (isOpen(shard)) {
            throw new RedisCdcException(
                    Category.GAP,
                    "a snapshot ends, but of one of its large values only "
                            + values.get(shard).pieces()
                            + " pieces have come, and not the last; let the source make a new snapshot, then "
                            + Rewind.HOW);
        }
    }

    private void begin(OpenValue value, String type, CommandBuffer out) {
        if (open != null && !open.isBuiltWith(value)) {
            abandon(out);
        }
        open = value;
        if (value.isAdded()) {
            return;
        }
        byte[] site = ours.construction(value.slot());
        out.select(value.db());
        out.command(2).arg(target.removal()).arg(site);
        if (type.equals("hash")) {
            // All fields of a hash can expire while it is being built, and it would vanish: this one does not.
            out.command(4).arg(HSET).arg(site).arg(site).arg(NOTHING);
        }
        if (type.equals("stream") && !target.abilities().streams()) {
            omitted.accept(Unsupported.STREAM.text());
        } else if (type.equals("stream") && ids == StreamIds.DROP) {
            // So that there is one to be renamed, should it have groups only. The way that leaves nothing behind.
            out.command(XGROUP, CREATE, site, ZERO, NO_ID, MKSTREAM);
            out.command(XGROUP, DESTROY, site, ZERO);
        }
    }

    private long build(Piece piece, byte[] site, CommandBuffer out) {
        PieceReader commands = new PieceReader(piece.data());
        TargetAbilities able = target.abilities();
        long elements = 0;
        while (commands.next()) {
            elements += commands.elements();
            switch (commands.name()) {
                case "HSET" -> {
                    if (able.wideHset()) {
                        out.command(commands, site);
                    } else {
                        out.command(HMSET, commands, site);
                    }
                }
                case "HPEXPIREAT" -> {
                    if (able.hashFieldExpiry()) {
                        out.command(commands, site);
                    } else {
                        omitted.accept(Unsupported.HASH_FIELD_EXPIRY.text());
                    }
                }
                case "XADD", "XCLAIM", "XGROUP", "XSETID" -> stream(commands, site, out);
                default -> out.command(commands, site);
            }
        }
        return elements;
    }

    private void stream(PieceReader commands, byte[] site, CommandBuffer out) {
        TargetAbilities able = target.abilities();
        if (!able.streams()) {
            return;
        }
        if (ids == StreamIds.DROP) {
            byte[][] added = NewStreamIds.of(commands.args(commands.size(), site));
            if (added != null) {
                out.command(added);
            }
            return;
        }
        switch (commands.name()) {
            case "XGROUP" -> group(commands, site, out);
            case "XSETID" -> out.command(commands.args(able.streamCounters() ? commands.size() : SETID_ARGS, site));
            default -> out.command(commands, site);
        }
    }

    /** CREATE key group id MKSTREAM [ENTRIESREAD n] | CREATECONSUMER key group consumer | DESTROY key group. */
    private void group(PieceReader commands, byte[] site, CommandBuffer out) {
        if (!target.abilities().createConsumer() && isSubcommand("CREATECONSUMER", commands)) {
            byte[][] args = commands.args(commands.size(), site);
            // Asking for what is pending makes a consumer known, and changes nothing else.
            out.command(XREADGROUP, GROUP, args[3], args[4], COUNT, ONE, STREAMS, site, ZERO);
        } else if (target.abilities().streamCounters() || commands.size() <= GROUP_ARGS) {
            out.command(commands, site);
        } else {
            out.command(commands.args(GROUP_ARGS, site));
        }
    }

    private static boolean isSubcommand(String name, PieceReader commands) {
        return new String(commands.args(2, NOTHING)[1], StandardCharsets.US_ASCII).equals(name);
    }

    /** The last command is not one of the value: it removes what has not become the key's for whatever reason. */
    private void finish(Change change, CommandBuffer out) {
        byte[] key = change.key().key();
        byte[] site = ours.construction(open.slot());
        String type = change.state().type();
        if (open.elements() == 0
                || (type.equals("stream") && !target.abilities().streams())) {
            out.command(2).arg(target.removal()).arg(key);
        } else {
            out.command(3).arg(RENAME).arg(site).arg(key);
            if (type.equals("hash")) {
                out.command(3).arg(HDEL).arg(key).arg(site);
            }
            expire(change, out);
        }
        out.command(2).arg(target.removal()).arg(site);
    }

    private void expire(Change change, CommandBuffer out) {
        Long expireAtMs = change.state().expireAtMs();
        if (expireAtMs != null) {
            out.command(3)
                    .arg(PEXPIREAT)
                    .arg(change.key().key())
                    .arg(expiry.atTarget(change.key().whole(), expireAtMs));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
