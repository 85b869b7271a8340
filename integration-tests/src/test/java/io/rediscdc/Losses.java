package io.rediscdc;

import io.rediscdc.command.rebuild.TargetAbilities;
import io.rediscdc.format.rdb.value.CanonicalValue;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.DumpDecoder;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.model.State;
import io.rediscdc.record.ChangeCodec;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * What a target may lack of a history: what its version has nothing for, and what depends on commands that it refused. A
 * command depends on another if they have a key in common.
 */
final class Losses {

    private final TargetAbilities source;
    private final TargetAbilities target;
    private final boolean vectorSets;
    private final boolean producers;
    private final Set<ChangeKey> doubtful = new HashSet<>();
    private final Set<Integer> expectedStates = new TreeSet<>();
    private final Set<Integer> refusedStates = new TreeSet<>();
    private final Map<Integer, Change> refusedCommands = new TreeMap<>();

    /** @param refused records by their place in the topic, and what the sink said of them */
    Losses(VersionedServer from, VersionedServer to, List<SourceRecord> topic, Map<Integer, String> refused) {
        source = from.abilities();
        target = to.abilities();
        vectorSets = to.hasVectorSets();
        producers = to.remembersProducers();
        ChangeCodec codec = new ChangeCodec();
        for (int i = 0; i < topic.size(); i++) {
            SourceRecord record = topic.get(i);
            Change change = codec.change(record.key(), record.value());
            if (change.op() == Op.SET) {
                if (isCurtailed(change.state())) {
                    expectedStates.add(i);
                }
                if (refused.containsKey(i)) {
                    refusedStates.add(i);
                }
            } else if (change.command() != null) {
                boolean isRefused = refused.containsKey(i);
                if (isRefused) {
                    refusedCommands.put(i, change);
                }
                follow(change, isRefused);
            }
        }
    }

    /** Whether commands that the target refused may have made it another one. */
    boolean mayDiffer(ChangeKey key) {
        return doubtful.contains(key);
    }

    /** Whether the target has no such type. */
    boolean isLost(VersionedServer.Held held) {
        return (held.type().equals("stream") && !target.streams())
                || (held.type().equals("vectorset") && !vectorSets);
    }

    /**
     * What of a value both can have.
     *
     * @param live whether it came by commands: of how much a group of a stream has read, servers do not tell their replicas
     */
    List<String> remaining(List<String> lines, boolean live) {
        boolean counts = source.streamCounters() && target.streamCounters();
        return lines.stream()
                .map(line -> line.startsWith("h ") && !target.hashFieldExpiry()
                        ? line.substring(0, line.lastIndexOf(' ')) + " -"
                        : line)
                .map(line -> (!counts && line.startsWith("i ")) || ((!counts || live) && line.startsWith("g "))
                        ? words(line)
                        : line)
                .toList();
    }

    /** Places of the states of which something has to be left out. */
    Set<Integer> expectedStates() {
        return expectedStates;
    }

    /** Places of the states of which something was. */
    Set<Integer> refusedStates() {
        return refusedStates;
    }

    Map<Integer, Change> refusedCommands() {
        return refusedCommands;
    }

    Set<String> commandNames() {
        Set<String> names = new TreeSet<>();
        refusedCommands.values().forEach(change -> names.add(name(change)));
        return names;
    }

    static String name(Change change) {
        return text(change.command().args()[0]).toUpperCase(Locale.ROOT);
    }

    private boolean isCurtailed(State state) {
        if (state.type().equals("stream")) {
            return target.streams()
                    ? !producers && state.piece() == null && decoded(state).hasProducers()
                    : state.piece() == null || state.piece().number() == 0;
        }
        if (state.type().equals("module")) {
            return !vectorSets;
        }
        if (!state.type().equals("hash") || target.hashFieldExpiry()) {
            return false;
        }
        if (state.piece() != null) {
            return text(state.piece().data()).contains("HPEXPIREAT");
        }
        List<String> lines = decoded(state).lines();
        return !remaining(lines, false).equals(lines);
    }

    private static CanonicalValue decoded(State state) {
        CanonicalValue value = new CanonicalValue(true);
        DumpDecoder.decode(state.dump(), state.flavour(), DecodeLimits.DEFAULT, value);
        return value;
    }

    private void follow(Change change, boolean isRefused) {
        byte[][] args = change.command().args();
        int db = change.key().db();
        Set<ChangeKey> keys = new HashSet<>();
        for (int index : change.command().keys()) {
            keys.add(new ChangeKey(db, args[index]));
            if (name(change).equals("MOVE")) {
                keys.add(new ChangeKey(Integer.parseInt(text(args[2])), args[index]));
            }
        }
        if (isRefused || keys.stream().anyMatch(doubtful::contains)) {
            doubtful.addAll(keys);
        }
    }

    private static String words(String line) {
        String[] words = line.split(" ", -1);
        return words[0] + " " + words[1] + " " + words[2];
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
