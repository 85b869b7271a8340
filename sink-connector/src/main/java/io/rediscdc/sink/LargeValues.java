package io.rediscdc.sink;

import io.rediscdc.command.piece.PieceReader;
import io.rediscdc.command.rebuild.TargetAbilities;
import io.rediscdc.command.rebuild.Unsupported;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Piece;
import io.rediscdc.sink.expiry.Expiry;
import io.rediscdc.sink.target.CommandBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds values that come in pieces: under a key of our own, beside the one they are for, which they become with the last
 * piece. There is one at a time; which, and how much of it the target has, is in the checkpoint. Not thread-safe.
 */
final class LargeValues {

    private static final Logger log = LoggerFactory.getLogger(LargeValues.class);

    private static final byte[] UNLINK = ascii("UNLINK");
    private static final byte[] RENAME = ascii("RENAME");
    private static final byte[] HSET = ascii("HSET");
    private static final byte[] HDEL = ascii("HDEL");
    private static final byte[] PEXPIREAT = ascii("PEXPIREAT");
    private static final byte[] NOTHING = {};

    /** XGROUP CREATE key group id MKSTREAM, XSETID key id: what old servers know of them. */
    private static final int GROUP_ARGS = 6;

    private static final int SETID_ARGS = 3;

    private final CheckpointKey ours;
    private final Expiry expiry;
    private final Set<Unsupported> told = EnumSet.noneOf(Unsupported.class);
    private TargetAbilities target;

    /** Null for none. */
    private OpenValue open;

    LargeValues(CheckpointKey ours, Expiry expiry) {
        this.ours = ours;
        this.expiry = expiry;
    }

    void useAbilities(TargetAbilities newTarget) {
        target = newTarget;
    }

    /** Begins where a checkpoint stands. */
    void startAt(OpenValue newOpen) {
        open = newOpen;
    }

    /** The value of which the last piece has not been encoded, null for none. */
    OpenValue open() {
        return open;
    }

    /**
     * Adds what a piece asks for.
     *
     * @throws RedisCdcException GAP if it is not the next one, PROTOCOL or UNSUPPORTED if it is not what it should be
     */
    void encode(Change change, ChangeEncoder encoder, CommandBuffer out) {
        Piece piece = change.state().piece();
        ChangeKey key = change.key();
        boolean isHash = change.state().type().equals("hash");
        if (piece.number() == 0) {
            begin(OpenValue.of(key), isHash, encoder, out);
        } else if (open == null) {
            throw OpenValue.gap(piece.number(), "none");
        }
        open.checkNext(key, piece.number());
        byte[] site = ours.construction(open.slot());
        encoder.select(key.db(), out);
        open = open.and(build(piece, site, out));
        if (open.elements() != piece.elements()) {
            throw new RedisCdcException(
                    Category.PROTOCOL,
                    "piece " + piece.number() + " of a large value brings it to " + open.elements()
                            + " elements and says " + piece.elements()
                            + "; nothing of it has become visible. Let the source make a new snapshot, then "
                            + Rewind.HOW);
        }
        if (piece.last()) {
            finish(change, site, isHash, out);
            open = null;
        }
    }

    /** Adds the removal of what will not be finished. */
    void abandon(ChangeEncoder encoder, CommandBuffer out) {
        if (open != null) {
            encoder.select(open.db(), out);
            out.command(2).arg(UNLINK).arg(ours.construction(open.slot()));
            open = null;
        }
    }

    /** @throws RedisCdcException GAP if the last piece of a value is missing */
    void checkNoneIsOpen() {
        if (open != null) {
            throw new RedisCdcException(
                    Category.GAP,
                    "a snapshot ends, but of one of its large values only " + open.pieces()
                            + " pieces have come, and not the last; let the source make a new snapshot, then "
                            + Rewind.HOW);
        }
    }

    private void begin(OpenValue value, boolean isHash, ChangeEncoder encoder, CommandBuffer out) {
        if (open != null && !open.isBuiltWith(value)) {
            abandon(encoder, out);
        }
        open = value;
        byte[] site = ours.construction(value.slot());
        encoder.select(value.db(), out);
        out.command(2).arg(UNLINK).arg(site);
        if (isHash) {
            // All fields of a hash can expire while it is being built, and it would vanish: this one does not.
            out.command(4).arg(HSET).arg(site).arg(site).arg(NOTHING);
        }
    }

    private long build(Piece piece, byte[] site, CommandBuffer out) {
        PieceReader commands = new PieceReader(piece.data());
        long elements = 0;
        while (commands.next()) {
            elements += commands.elements();
            switch (commands.name()) {
                case "HPEXPIREAT" -> {
                    if (target.hashFieldExpiry()) {
                        out.command(commands, site);
                    } else {
                        tellLoss(Unsupported.HASH_FIELD_EXPIRY);
                    }
                }
                case "XGROUP" -> group(commands, site, out);
                case "XSETID" ->
                    out.command(commands.args(target.streamCounters() ? commands.size() : SETID_ARGS, site));
                default -> out.command(commands, site);
            }
        }
        return elements;
    }

    /** CREATE key group id MKSTREAM [ENTRIESREAD n] | CREATECONSUMER key group consumer | DESTROY key group. */
    private void group(PieceReader commands, byte[] site, CommandBuffer out) {
        boolean isConsumer = isSubcommand("CREATECONSUMER", commands);
        if (isConsumer && !target.createConsumer()) {
            tellLoss(Unsupported.IDLE_CONSUMER);
        } else if (target.streamCounters() || commands.size() <= GROUP_ARGS) {
            out.command(commands, site);
        } else {
            out.command(commands.args(GROUP_ARGS, site));
        }
    }

    private static boolean isSubcommand(String name, PieceReader commands) {
        return new String(commands.args(2, NOTHING)[1], StandardCharsets.US_ASCII).equals(name);
    }

    private void finish(Change change, byte[] site, boolean isHash, CommandBuffer out) {
        byte[] key = change.key().key();
        if (open.elements() == 0) {
            out.command(3).arg(UNLINK).arg(site).arg(key);
            return;
        }
        out.command(3).arg(RENAME).arg(site).arg(key);
        if (isHash) {
            out.command(3).arg(HDEL).arg(key).arg(site);
        }
        Long expireAtMs = change.state().expireAtMs();
        if (expireAtMs != null) {
            out.command(3)
                    .arg(PEXPIREAT)
                    .arg(key)
                    .arg(expiry.atTarget(change.key().whole(), expireAtMs));
        }
    }

    private void tellLoss(Unsupported what) {
        if (told.add(what)) {
            log.warn(
                    "{}: the target has no command for something that large values have: {}. It is left out, there and"
                            + " wherever it is met again",
                    ours.partition(),
                    what.text());
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
