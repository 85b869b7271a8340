package io.rediscdc.sink;

import io.rediscdc.command.CommandTable;
import io.rediscdc.command.piece.PieceWriter;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.format.resp.RespWriter;
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
import io.rediscdc.record.ChangeCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/** Writes a history as a source would, into a list that is its topic. */
final class Feed {

    static final TopicPartition PARTITION = new TopicPartition("changes", 0);

    private static final String REPLID = "0123456789012345678901234567890123456789";

    private final Origin origin;
    private ChangeCodec codec = new ChangeCodec();
    private final List<SinkRecord> topic;
    private Position last = Position.NONE;
    private long replicationOffset = 1000;
    private long epoch;
    private int db;
    private long ageMs;

    Feed() {
        this("main", new ArrayList<>());
    }

    private Feed(String shard, List<SinkRecord> topic) {
        this.origin = new Origin(shard, "127.0.0.1:1", REPLID);
        this.topic = topic;
    }

    /** The history of another shard in the same partition, whose records come between the others. */
    Feed beside(String shard) {
        return new Feed(shard, topic);
    }

    /** States that follow come by their elements, or else by their dumps. */
    Feed typed(boolean typed) {
        codec = typed ? ChangeCodec.typed(1 << 20) : new ChangeCodec();
        return this;
    }

    /** How long ago what follows was received at the source. */
    Feed age(long newAgeMs) {
        ageMs = newAgeMs;
        return this;
    }

    Feed db(int newDb) {
        db = newDb;
        return this;
    }

    /** Begins a snapshot, and with it the first epoch or a new one. */
    Feed begin() {
        Position closes = last.equals(Position.NONE) ? null : last;
        Stamp stamp = stamp(new Position(++epoch, replicationOffset, 0));
        return add(Change.snapshot(
                ChangeKey.control(0, Op.SNAPSHOT_BEGIN, origin.shard()),
                Op.SNAPSHOT_BEGIN,
                stamp,
                SnapshotMark.begin("7.0.15", 1, closes)));
    }

    /** The same of a shard of a cluster, which has these slots, and whose topic has so many partitions. */
    Feed begin(String slots, int partitions) {
        Position closes = last.equals(Position.NONE) ? null : last;
        Stamp stamp = stamp(new Position(++epoch, replicationOffset, 0));
        Stamp owning =
                new Stamp(stamp.origin(), stamp.position(), stamp.prev(), null, null, epoch, slots, stamp.tsMs(), null);
        return add(Change.snapshot(
                ChangeKey.control(0, Op.SNAPSHOT_BEGIN, origin.shard()),
                Op.SNAPSHOT_BEGIN,
                owning,
                SnapshotMark.begin("7.0.15", partitions, closes)));
    }

    /** A string as part of a snapshot. */
    Feed state(String key, String value) {
        return state(key, "string", dump(value), null);
    }

    /** The state of a string that was asked of the source. */
    Feed answer(String key, String value) {
        Stamp stamp = streamStamp();
        Stamp asked = new Stamp(
                stamp.origin(),
                stamp.position(),
                stamp.prev(),
                stamp.position().offset(),
                null,
                null,
                null,
                stamp.tsMs(),
                null);
        return add(Change.set(
                new ChangeKey(db, bytes(key)),
                asked,
                new State("string", dump(value), Flavour.REDIS, 10, null, null, null)));
    }

    /** A string that expires, as part of a snapshot. */
    Feed state(String key, String value, long expireAtMs) {
        return state(key, "string", dump(value), expireAtMs);
    }

    /** A function library as part of a snapshot. */
    Feed library(String name) {
        byte[][] args = {bytes("FUNCTION"), bytes("LOAD"), bytes("REPLACE"), bytes(code(name))};
        return add(Change.executable(
                ChangeKey.control(0, Op.FUNCTION, origin.shard()),
                Op.FUNCTION,
                snapshotStamp(),
                new Command(args, new int[0], null)));
    }

    static String code(String name) {
        return "#!lua name=" + name + "\nredis.register_function('" + name + "', function() end)";
    }

    /** Type 0, a string of up to 63 bytes, RDB version 10, CRC-64 left out as 0. */
    private static byte[] dump(String value) {
        byte[] text = bytes(value);
        byte[] dump = new byte[text.length + 12];
        dump[1] = (byte) text.length;
        System.arraycopy(text, 0, dump, 2, text.length);
        dump[text.length + 2] = 10;
        return dump;
    }

    Feed end(long keys) {
        return add(Change.snapshot(
                ChangeKey.control(0, Op.SNAPSHOT_END, origin.shard()),
                Op.SNAPSHOT_END,
                snapshotStamp(),
                SnapshotMark.end(List.of(keys))));
    }

    Feed state(String key, String type, byte[] dump, Long expireAtMs) {
        return add(Change.set(
                new ChangeKey(db, bytes(key)),
                snapshotStamp(),
                new State(type, dump, Flavour.REDIS, 10, expireAtMs, null, null)));
    }

    /** A value in pieces, as part of a snapshot. */
    Feed large(String key, String type, Long expireAtMs, Consumer<ValueVisitor> value) {
        return large(key, type, expireAtMs, value, () -> {});
    }

    /** The same, and something of another shard after its second piece. */
    Feed large(String key, String type, Long expireAtMs, Consumer<ValueVisitor> value, Runnable between) {
        List<Piece> pieces = new ArrayList<>();
        PieceWriter writer = new PieceWriter(
                1024,
                bytes(key).length,
                (number, last, elements, data) -> pieces.add(new Piece(number, last, Piece.COMMANDS, elements, data)));
        value.accept(writer.visitor());
        writer.finish();
        for (Piece piece : pieces) {
            piece(key, type, expireAtMs, piece);
            if (piece.number() == 1) {
                between.run();
            }
        }
        return this;
    }

    Feed piece(String key, String type, Long expireAtMs, Piece piece) {
        return add(Change.set(
                new ChangeKey(db, bytes(key), piece.number()),
                snapshotStamp(),
                new State(type, null, Flavour.REDIS, 10, expireAtMs, null, null, piece)));
    }

    /** The state of a key that a server saved. */
    Feed state(RdbItem.Key key, Flavour flavour) {
        return add(Change.set(
                new ChangeKey(key.db(), key.key()),
                snapshotStamp(),
                new State(
                        key.type().typeName(),
                        key.dump(),
                        flavour,
                        DumpPayload.rdbVersion(key.dump()),
                        key.expires() ? key.expireAtMs() : null,
                        null,
                        null)));
    }

    Feed del(String key) {
        return add(Change.del(new ChangeKey(db, bytes(key)), streamStamp()));
    }

    Feed command(String... args) {
        return execute(Op.COMMAND, null, args);
    }

    /** A member of a transaction. */
    Feed member(long tx, int index, boolean last, String... args) {
        return execute(Op.COMMAND, new Command.Transaction(tx, index, last), args);
    }

    /** A command in pieces of so many bytes. */
    Feed pieces(int size, String... args) {
        return pieces(Op.COMMAND, null, size, Integer.MAX_VALUE, args);
    }

    /** The first pieces of a command, of so many bytes each: not more than so many pieces, nor than there are. */
    Feed pieces(Op op, Command.Transaction tx, int size, int most, String... args) {
        byte[] whole = RespWriter.command(args);
        int[] known = CommandTable.standard()
                .spec(bytes(args[0]))
                .keys(Stream.of(args).map(Feed::bytes).toArray(byte[][]::new));
        int count = (whole.length + size - 1) / size;
        for (int i = 0; i < Math.min(count, most); i++) {
            boolean isLast = i == count - 1;
            int end = Math.min(whole.length, (i + 1) * size);
            Piece piece = new Piece(i, isLast, Piece.RESP, end, Arrays.copyOfRange(whole, i * size, end));
            Command.Transaction member =
                    tx == null ? null : new Command.Transaction(tx.id(), tx.index(), isLast && tx.last());
            piece(op, known.length == 0 ? null : args[known[0]], new Command(piece, member));
        }
        return this;
    }

    Feed piece(Op op, String key, Command command) {
        int number = command.piece().number();
        byte[] named = key == null ? ChangeKey.control(db, op, origin.shard()).key() : bytes(key);
        boolean isNext = last.epoch() == epoch && last.offset() == replicationOffset;
        Stamp stamp = command.piece().last()
                ? streamStamp()
                : stamp(new Position(epoch, replicationOffset, isNext ? last.index() + 1 : 0));
        return add(Change.executable(new ChangeKey(db, named, number), op, stamp, command));
    }

    /** A place in the history to which the source goes back. */
    record Place(Position last, long replicationOffset) {}

    Place place() {
        return new Place(last, replicationOffset);
    }

    /** The source begins again there, knowing of nothing that it had sent since. */
    Feed goBack(Place to) {
        last = to.last();
        replicationOffset = to.replicationOffset();
        return this;
    }

    Feed event(Op op, String... args) {
        return execute(op, null, args);
    }

    Feed heartbeat() {
        return add(Change.heartbeat(ChangeKey.control(0, Op.HEARTBEAT, origin.shard()), streamStamp()));
    }

    /** What the source says when its server has been promoted, and has of what was before only what is up to that offset. */
    Feed promoted(long shared) {
        long index = last.epoch() == epoch && last.offset() == replicationOffset ? last.index() + 1 : 0;
        return add(Change.snapshot(
                ChangeKey.control(0, Op.HEARTBEAT, origin.shard()),
                Op.HEARTBEAT,
                stamp(new Position(epoch, replicationOffset, index)),
                SnapshotMark.promotion(new Position(epoch, shared, 0))));
    }

    /** The same of a shard of a cluster, which has these slots now. */
    Feed owns(String slots, long ownedEpoch) {
        return add(Change.heartbeat(
                ChangeKey.control(0, Op.HEARTBEAT, origin.shard()),
                streamStamp().of(slots, ownedEpoch)));
    }

    /** A command that has no keys and says something of the shard. */
    Feed mark(String... args) {
        byte[][] encoded = Stream.of(args).map(Feed::bytes).toArray(byte[][]::new);
        ChangeKey key = ChangeKey.control(db, Op.COMMAND, origin.shard());
        return add(Change.executable(key, Op.COMMAND, streamStamp(), new Command(encoded, new int[0], null)));
    }

    /** A record that is lost on its way. */
    Feed lose() {
        streamStamp();
        return this;
    }

    /** The same history, which ends after so many records. */
    Feed broken(int records) {
        Feed feed = new Feed();
        feed.topic.addAll(topic.subList(0, records));
        SinkRecord end = topic.get(records - 1);
        feed.last = codec.change(end.key(), end.value()).stamp().position();
        feed.epoch = epoch;
        feed.replicationOffset = replicationOffset;
        return feed;
    }

    Position last() {
        return last;
    }

    /** Kafka offset of the next record. */
    long end() {
        return topic.size();
    }

    /** All records from an offset on. */
    List<SinkRecord> from(long offset) {
        return List.copyOf(topic.subList((int) offset, topic.size()));
    }

    private Feed execute(Op op, Command.Transaction tx, String... args) {
        byte[][] encoded = Stream.of(args).map(Feed::bytes).toArray(byte[][]::new);
        boolean keyless = op != Op.COMMAND || args.length < 2;
        ChangeKey key = keyless ? ChangeKey.control(db, op, origin.shard()) : new ChangeKey(db, encoded[1]);
        int[] known = CommandTable.standard().spec(encoded).keys(encoded);
        int[] keys = keyless ? new int[0] : known.length == 0 ? new int[] {1} : known;
        return add(Change.executable(key, op, streamStamp(), new Command(encoded, keys, tx)));
    }

    private Stamp snapshotStamp() {
        return stamp(new Position(last.epoch(), last.offset(), last.index() + 1));
    }

    private Stamp streamStamp() {
        replicationOffset += 37;
        return stamp(new Position(epoch, replicationOffset, 0));
    }

    private Stamp stamp(Position position) {
        Stamp stamp = new Stamp(origin, position, last, null, System.currentTimeMillis() - ageMs);
        last = position;
        return stamp;
    }

    private Feed add(Change change) {
        topic.add(new SinkRecord(
                PARTITION.topic(),
                PARTITION.partition(),
                null,
                codec.key(change.key()),
                null,
                codec.value(change),
                topic.size()));
        return this;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
