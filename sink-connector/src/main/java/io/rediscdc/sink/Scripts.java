package io.rediscdc.sink;

import io.rediscdc.command.Flush;
import io.rediscdc.model.Change;
import io.rediscdc.sink.target.CommandBuffer;
import io.rediscdc.sink.target.TargetConnection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The scripts that the history may call by their SHA-1. A source before Redis 7.0 passes EVALSHA on to who has got the script
 * once, by SCRIPT LOAD, EVAL or the snapshot; the target forgets its scripts when it restarts. So whatever batch calls one
 * brings it along. They stand in a hash at the target, beside the checkpoint and written together with it, for a task that
 * takes over. Not thread-safe.
 */
final class Scripts {

    /** What is used longest ago is forgotten beyond that. */
    private static final long MAX_BYTES = 4L << 20;

    private static final byte[] NOTHING = {};

    private final CheckpointKey key;

    /** By SHA-1 in lower case, the one used longest ago first. */
    private final Map<String, byte[]> known = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;

    /** What the hash is to be told: {@link #NOTHING} for one to remove. */
    private final Map<String, byte[]> news = new HashMap<>();

    private boolean hashIsOver;

    /** What the batch being encoded has brought along. */
    private final Set<String> loaded = new HashSet<>();

    Scripts(CheckpointKey key) {
        this.key = key;
    }

    /** Begins with what the target says is known. */
    void load(TargetConnection target) {
        known.clear();
        news.clear();
        loaded.clear();
        bytes = 0;
        hashIsOver = false;
        target.reader().hash(key.scripts()).forEach((sha, script) -> {
            known.put(new String(sha, StandardCharsets.US_ASCII), script);
            bytes += script.length;
        });
    }

    /** What is encoded next goes into another batch. */
    void nextBatch() {
        loaded.clear();
    }

    /** Sees what is encoded next, and adds the script that it calls. */
    void see(Change change, CommandBuffer out) {
        byte[][] args = change.command().args();
        switch (change.op()) {
            case COMMAND -> {
                if (isNamed(args, "evalsha")) {
                    bring(text(args[1]), out);
                } else if (isNamed(args, "eval")) {
                    remember(args[1]);
                }
            }
            case SCRIPT -> {
                if (args.length > 2 && text(args[1]).equals("load")) {
                    remember(args[2]);
                } else if (args.length > 1 && text(args[1]).equals("flush")) {
                    forgetAll();
                }
            }
            case FLUSH -> {
                if (change.key().db() == 0 || Flush.isOfAllDatabases(args)) {
                    noteAgain();
                }
            }
            case SWAPDB -> noteAgain();
            default -> {}
        }
    }

    private void bring(String sha, CommandBuffer out) {
        byte[] script = known.get(sha);
        if (script != null && loaded.add(sha)) {
            out.command(3).arg("SCRIPT").arg("LOAD").arg(script);
        }
    }

    private void remember(byte[] script) {
        if (script.length == 0) {
            return; // one of a command that is streamed, too large to be known
        }
        String sha = sha1(script);
        if (known.put(sha, script) != null) {
            return;
        }
        news.put(sha, script);
        bytes += script.length;
        Iterator<Map.Entry<String, byte[]>> oldest = known.entrySet().iterator();
        while (bytes > MAX_BYTES && oldest.hasNext()) {
            Map.Entry<String, byte[]> forgotten = oldest.next();
            bytes -= forgotten.getValue().length;
            news.put(forgotten.getKey(), NOTHING);
            oldest.remove();
        }
    }

    private void forgetAll() {
        known.clear();
        news.clear();
        bytes = 0;
        hashIsOver = true;
    }

    /** The hash at the target is gone, or may be that of others. */
    private void noteAgain() {
        hashIsOver = true;
        news.clear();
        news.putAll(known);
    }

    /** Adds to a batch what the hash is to be told. */
    void note(Batch batch) {
        if (hashIsOver) {
            batch.unlink(0, List.of(key.scripts()));
            hashIsOver = false;
        }
        news.forEach((sha, script) -> batch.alterHash(
                key.scripts(), sha.getBytes(StandardCharsets.US_ASCII), script == NOTHING ? null : script));
        news.clear();
    }

    private static boolean isNamed(byte[][] args, String name) {
        return args.length > 2
                && args[0].length == name.length()
                && (args[0][0] | 0x20) == name.charAt(0)
                && text(args[0]).equals(name);
    }

    private static String text(byte[] arg) {
        return new String(arg, 0, Math.min(arg.length, 64), StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    }

    private static String sha1(byte[] script) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(script));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a JVM without SHA-1", e);
        }
    }
}
