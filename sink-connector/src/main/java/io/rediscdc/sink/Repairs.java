package io.rediscdc.sink;

import io.rediscdc.command.CommandKind;
import io.rediscdc.command.CommandTable;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.RepairRequest;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.BatchReplies.ErrorReply;
import io.rediscdc.sink.target.TargetConnection;
import io.rediscdc.sink.target.TargetError;
import io.rediscdc.slot.Slot;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that were found not to be at the target as the history has them: divergences. Each is counted, and asked of the
 * source until the history brings it anew. Which ones are owed stands in a set at the target, beside the checkpoint and
 * written together with it, so that a task which takes over asks on. Without a channel to the source they are only counted.
 *
 * <p>Where several writers see the same history, each for a part of a cluster, all know what is owed, since what they make of a
 * later record depends on it. The one whose part has the key asks.
 *
 * <p>Not thread-safe.
 */
final class Repairs {

    private static final Logger log = LoggerFactory.getLogger(Repairs.class);

    /** Held in memory and asked for at a time; more stand in the set only, until these are healed. */
    private static final int MAX_KEYS = 50_000;

    private static final int MAX_ASKED_AT_ONCE = 1_000;
    private static final long WARN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final CheckpointKey key;
    private final RepairChannel channel;
    private final WriterMetrics metrics;

    /** Whether a key is written by this writer. */
    private final Predicate<byte[]> isOurs;

    private final Map<ChangeKey, Debt> owed = new LinkedHashMap<>();

    /** What the set is to be told: true for a key to add, false for one to remove. */
    private final Map<ChangeKey, Boolean> news = new LinkedHashMap<>();

    /** Whether the source is a cluster; and when the last record that was seen before this task was received there. */
    private boolean ofCluster;

    private long seenBeforeMs = Long.MIN_VALUE;
    private boolean setIsOver;
    private boolean moreInSet;
    private long unsaid;
    private long saidAt = System.nanoTime() - WARN_NANOS;

    /**
     * @param channel null where there is none
     * @param isOurs of which keys this one asks, and no other writer
     */
    Repairs(CheckpointKey key, RepairChannel channel, WriterMetrics metrics, Predicate<byte[]> isOurs) {
        this.isOurs = isOurs;
        this.key = key;
        this.channel = channel;
        this.metrics = metrics;
    }

    boolean isOn() {
        return channel != null;
    }

    /** Begins with what the target says is owed. */
    void load(Checkpoint checkpoint, TargetConnection target) {
        ofCluster = checkpoint.partitions() > 0;
        seenBeforeMs = checkpoint.shards().values().stream()
                .filter(shard -> shard.slots() != null)
                .mapToLong(shard -> shard.slots().seenMs())
                .max()
                .orElse(Long.MIN_VALUE);
        owed.clear();
        news.clear();
        setIsOver = false;
        moreInSet = false;
        if (isOn()) {
            fill(target);
        }
        metrics.owes(owed.size());
    }

    private void fill(TargetConnection target) {
        moreInSet = false;
        target.reader().members(key.repairs(), member -> {
            if (owed.size() < MAX_KEYS) {
                owed.computeIfAbsent(RepairRequest.parse(member), unknown -> known());
            } else {
                moreInSet = true;
            }
            return !moreInSet;
        });
    }

    /** Of several shards, it is not known which were at odds. */
    private Debt known() {
        return ofCluster ? Debt.since(seenBeforeMs) : Debt.ofDifference();
    }

    /** A record of a key is applied. */
    void disturbed(ChangeKey key, String shard, long tsMs) {
        Debt debt = owed.isEmpty() ? null : owed.get(key);
        if (debt != null) {
            debt.see(shard, tsMs);
        }
    }

    /**
     * A record of a key is not applied, since the key is not taken from its shard.
     *
     * @param tsMs when the source received it
     * @param seenOfOthersMs when it received the last one of the other shards that was seen
     * @param arriving whether the key is on its way to the shard, with its slot
     */
    void oweOutOfView(ChangeKey key, String shard, long tsMs, long seenOfOthersMs, boolean arriving) {
        ofCluster = true;
        Debt debt = owed.get(key);
        if (debt == null && owed.size() < MAX_KEYS) {
            debt = Debt.ofDifference();
            owed.put(key, debt);
            metrics.owes(owed.size());
        }
        if (debt == null) {
            moreInSet = true;
            seenBeforeMs = Math.max(seenBeforeMs, tsMs);
            news.put(key, true);
        } else {
            if (!debt.isOutOfView()) {
                news.put(key, true);
            }
            debt.outOfView(shard, tsMs, seenOfOthersMs);
            if (arriving) {
                debt.arriving();
            }
        }
    }

    /** Slots are not on their way to a shard any more: now it can be asked who has their keys. */
    void arrived(BitSet slots, String shard, long tsMs) {
        seenBeforeMs = Math.max(seenBeforeMs, tsMs);
        owed.forEach((key, debt) -> {
            if (slots.get(Slot.of(key.key()))) {
                debt.arrived(shard, tsMs);
            }
        });
    }

    /** It is not known which shard's history a key follows; no record of it is newer than that. */
    void oweUnclear(ChangeKey key, long seenMs) {
        ofCluster = true;
        if (owed.size() < MAX_KEYS) {
            owed.computeIfAbsent(key, unknown -> Debt.since(seenMs));
        } else {
            moreInSet = true;
        }
        news.put(key, true);
        metrics.owes(owed.size());
    }

    /**
     * The state of a key comes from the source.
     *
     * @param inView whether it is applied in any case
     * @param arriving whether the key's slot is on its way from shard to shard: then it may have left before it is known
     * @return whether the key was owed and is not any more
     */
    boolean answered(ChangeKey key, String shard, long tsMs, boolean inView, boolean arriving) {
        Debt debt = owed.get(key);
        if (debt == null
                || (arriving && debt.isOutOfView())
                || (!inView && !debt.isOutOfView())
                || !debt.isSettledBy(shard, tsMs)) {
            return false;
        }
        healed(key);
        return true;
    }

    /** Sees what is applied next: it may write what is owed anew. */
    void see(Change change) {
        if (ofCluster) {
            if (change.stamp().asOf() == null && !owed.isEmpty()) {
                seeWhileOwing(change);
            }
        } else if (change.op() == Op.SNAPSHOT_BEGIN) {
            forgetAll();
        } else if (change.stamp().asOf() != null) {
            healed(change.key());
        } else if (!owed.isEmpty()) {
            seeWhileOwing(change);
        }
    }

    private void seeWhileOwing(Change change) {
        Command command = change.command();
        switch (change.op()) {
            case SET -> {
                if (change.state().isComplete()) {
                    rewritten(change.key().whole());
                }
            }
            case DEL -> rewritten(change.key());
            case FLUSH ->
                flushed(
                        change.key().db(),
                        CommandTable.standard().spec(command.args()).name());
            case SWAPDB -> swapped(command);
            case COMMAND -> {
                if (Suspects.writesAnew(command)) {
                    for (int index : command.keys()) {
                        rewritten(new ChangeKey(change.key().db(), command.args()[index]));
                    }
                }
            }
            default -> {}
        }
    }

    private void flushed(int db, String command) {
        if (command.equals("flushall")) {
            forgetAll();
            return;
        }
        List.copyOf(owed.keySet()).stream().filter(each -> each.db() == db).forEach(this::healed);
        noteAgain(); // the set stood in database 0
    }

    /** What is owed goes with its database; the set does not. */
    private void swapped(Command command) {
        int first = ChangeEncoder.number(command.args(), 1);
        int second = ChangeEncoder.number(command.args(), 2);
        List<ChangeKey> before = List.copyOf(owed.keySet());
        forgetAll();
        for (ChangeKey each : before) {
            int db = each.db() == first ? second : each.db() == second ? first : each.db();
            owed.put(new ChangeKey(db, each.key()), Debt.ofDifference());
        }
        noteAgain();
    }

    private void rewritten(ChangeKey anew) {
        Debt debt = owed.get(anew);
        if (debt == null ? !ofCluster : !debt.isOutOfView()) {
            healed(anew);
        }
    }

    private void healed(ChangeKey healed) {
        if (owed.containsKey(healed) || moreInSet) {
            owed.remove(healed);
            news.put(healed, false);
            metrics.owes(owed.size());
        }
    }

    private void forgetAll() {
        if (!owed.isEmpty() || moreInSet) {
            owed.clear();
            news.clear();
            moreInSet = false;
            setIsOver = true;
            metrics.owes(0);
        }
    }

    /** A key was found to differ. */
    void owe(ChangeKey found) {
        metrics.diverged();
        unsaid++;
        if (!isOn()) {
            return;
        }
        if (owed.size() < MAX_KEYS) {
            owed.computeIfAbsent(found, unknown -> Debt.ofDifference());
            metrics.owes(owed.size());
        } else {
            moreInSet = true;
        }
        news.put(found, true);
    }

    /** Looks whether the keys that a batch goes on from are there. */
    void examine(TargetConnection target, Suspects suspects) {
        if (!suspects.keys().isEmpty()) {
            target.reader().missing(suspects.keys()).forEach(this::owe);
        }
    }

    /** Whether an error is of a command that failed for what its keys hold. */
    boolean canHeal(ErrorReply error, Delivery culprit) {
        return isOn()
                && error.element() >= 0
                && culprit != null
                && culprit.change().op() == Op.COMMAND
                && CommandTable.standard()
                                .spec(culprit.change().command().args())
                                .kind()
                        == CommandKind.WRITE
                && !TargetError.isPassing(error.text());
    }

    /** Looks at what the replies to a batch tell about its keys. */
    void look(Batch batch, BatchReplies received) {
        batch.toldOtherwise(received).forEach(told -> oweKeysOf(told.change()));
        for (ErrorReply error : received.errors()) {
            Delivery culprit = batch.culprit(error);
            if (canHeal(error, culprit)) {
                oweKeysOf(culprit.change());
            }
        }
        if (unsaid > 0 && System.nanoTime() - saidAt > WARN_NANOS) {
            say(received);
        }
    }

    /**
     * Does so with a batch whose replies will never be known: if the target noted no failure, a renewal can still have met
     * no key.
     */
    void lookWithoutReplies(Batch batch) {
        if (isOn()) {
            (batch.isMarked() ? batch.telling().map(Delivery::change) : batch.commands()).forEach(this::oweKeysOf);
        }
    }

    /** The keys of a command are not as it would have left them. */
    void oweKeysOf(Change change) {
        for (int index : change.command().keys()) {
            owe(new ChangeKey(change.key().db(), change.command().args()[index]));
        }
    }

    private void say(BatchReplies received) {
        String example = received.errors().isEmpty()
                ? "an expired one is renewed, or one is gone on with that is not there"
                : TargetError.brief(received.errors().get(0).text());
        log.warn(
                "{}: {} keys at the target are not as the history has them ({}). {}",
                key.partition(),
                unsaid,
                example,
                isOn()
                        ? "Their states are asked of the source"
                        : "With repair.bootstrap.servers they would be asked of the source");
        unsaid = 0;
        saidAt = System.nanoTime();
    }

    /** Whether the set at the target is to be told something. */
    boolean hasNews() {
        return setIsOver || !news.isEmpty();
    }

    /** The set at the target may not have been told. */
    void noteAgain() {
        owed.keySet().forEach(each -> news.put(each, true));
    }

    /** Adds to a batch what the set is to be told. */
    void note(Batch batch) {
        if (setIsOver) {
            batch.unlink(0, List.of(key.repairs()));
            setIsOver = false;
        }
        note(batch, "SREM", false);
        note(batch, "SADD", true);
        news.clear();
    }

    private void note(Batch batch, String command, boolean adding) {
        List<byte[]> members = new ArrayList<>();
        news.forEach((each, added) -> {
            if (added == adding) {
                members.add(RepairRequest.encode(each));
            }
        });
        for (int from = 0; from < members.size(); from += MAX_ASKED_AT_ONCE) {
            Collection<byte[]> some = members.subList(from, Math.min(members.size(), from + MAX_ASKED_AT_ONCE));
            batch.alterSet(command, key.repairs(), some);
        }
    }

    /**
     * Asks for some of what is owed and was not asked for lately. Only once caught up: an answer comes at the history's end.
     *
     * @param nowMs ms since 1970
     */
    void ask(TargetConnection target, long nowMs) {
        if (owed.isEmpty() && moreInSet) {
            fill(target);
        }
        int asked = 0;
        for (Map.Entry<ChangeKey, Debt> each : owed.entrySet()) {
            if (asked == MAX_ASKED_AT_ONCE) {
                return;
            }
            if (isToBeAsked(each.getKey(), each.getValue(), nowMs)) {
                if (!channel.ask(key.partition().topic(), each.getKey())) {
                    return;
                }
                each.getValue().asked(nowMs);
                asked++;
            }
        }
    }

    private boolean isToBeAsked(ChangeKey wanted, Debt debt, long nowMs) {
        return debt.isDue(nowMs) && (isOurs.test(wanted.key()) || debt.isNeglected(nowMs));
    }

    /** Whether something is owed. */
    boolean areOwed() {
        return !owed.isEmpty() || moreInSet;
    }
}
