package io.rediscdc.record;

import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Flavour;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Piece;
import io.rediscdc.model.Position;
import io.rediscdc.model.SnapshotMark;
import io.rediscdc.model.Stamp;
import io.rediscdc.model.State;
import java.util.List;
import java.util.Random;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/** Changes of every op with every field set or not, the same for the same seed. */
public final class RandomChanges {

    private static final String[] TYPES = {"string", "list", "set", "zset", "hash", "stream", "ReJSON-RL"};

    private final Random random;

    public RandomChanges(long seed) {
        random = new Random(seed);
    }

    public Change next() {
        Op[] ops = Op.values();
        return next(ops[random.nextInt(ops.length)]);
    }

    public Change next(Op op) {
        ChangeKey key = new ChangeKey(random.nextInt(16), bytes(40), orNull(Math::toIntExact, 1000));
        Stamp stamp = stamp();
        if (op.isExecutable()) {
            return Change.executable(key, op, stamp, command());
        }
        return switch (op) {
            case SET -> Change.set(key, stamp, state());
            case DEL -> Change.del(key, stamp);
            case HEARTBEAT ->
                random.nextBoolean()
                        ? Change.heartbeat(key, stamp)
                        : Change.snapshot(key, op, stamp, SnapshotMark.promotion(pos()));
            case SNAPSHOT_BEGIN ->
                Change.snapshot(
                        key,
                        op,
                        stamp,
                        SnapshotMark.begin("7.0.15", random.nextInt(), random.nextBoolean() ? null : pos()));
            case SNAPSHOT_END -> Change.snapshot(key, op, stamp, SnapshotMark.end(longs()));
            default -> throw new AssertionError(op);
        };
    }

    private State state() {
        Piece piece = random.nextInt(5) > 0
                ? null
                : new Piece(random.nextInt(), random.nextBoolean(), Piece.COMMANDS, random.nextLong(), bytes(1000));
        return new State(
                TYPES[random.nextInt(TYPES.length)],
                piece != null ? null : bytes(random.nextInt(100) == 0 ? 10_000 : 200),
                random.nextBoolean() ? Flavour.REDIS : Flavour.VALKEY,
                random.nextInt(20),
                orNull(n -> n, Long.MAX_VALUE),
                orNull(n -> n, 100_000),
                orNull(Math::toIntExact, 256),
                piece);
    }

    private Command command() {
        byte[][] args = new byte[1 + random.nextInt(6)][];
        for (int i = 0; i < args.length; i++) {
            args[i] = bytes(30);
        }
        int[] keys = IntStream.range(1, args.length)
                .filter(i -> random.nextBoolean())
                .toArray();
        Command.Transaction tx = random.nextBoolean()
                ? null
                : new Command.Transaction(random.nextLong(), random.nextInt(), random.nextBoolean());
        return new Command(args, keys, tx);
    }

    private Stamp stamp() {
        return new Stamp(
                new Origin("shard-" + random.nextInt(3), random.nextBoolean() ? null : "h\u00f6st:6379", text()),
                pos(),
                random.nextBoolean() ? Position.NONE : pos(),
                orNull(n -> n, Long.MAX_VALUE),
                orNull(Math::toIntExact, 16384),
                orNull(n -> n, 1000),
                text(),
                random.nextLong(),
                random.nextBoolean() ? null : List.of("paris", "oslo").subList(0, random.nextInt(3)));
    }

    private Position pos() {
        return new Position(random.nextLong(), random.nextLong() >>> random.nextInt(64), random.nextInt(5));
    }

    private String text() {
        return random.nextBoolean() ? null : Long.toHexString(random.nextLong());
    }

    private List<Long> longs() {
        return random.longs(random.nextInt(5)).boxed().toList();
    }

    private byte[] bytes(int bound) {
        byte[] bytes = new byte[random.nextInt(bound)];
        random.nextBytes(bytes);
        return bytes;
    }

    private <T> T orNull(LongFunction<T> number, long bound) {
        return random.nextBoolean() ? null : number.apply(random.nextLong(bound));
    }
}
