package io.rediscdc.sink;

import io.lettuce.core.RestoreArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.rediscdc.slot.Slot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * The keys of {@link MovingSlots}, and what they hold. Each shard is a database of a real server, so that values are what they
 * would be.
 */
final class ModelKeys {

    /** How many slots have keys; they are numbered from 0. */
    static final int SLOTS = 3;

    /** How many keys a slot has, numbered from 0: counters, then as many lists. */
    static final int KEYS = 6;

    private static final String[] TAGS = {"a", "b", "c"};

    private final RedisCommands<String, String> redis;

    ModelKeys(RedisCommands<String, String> redis) {
        this.redis = redis;
    }

    static String key(int slot, int number) {
        return "{" + TAGS[slot] + "}" + (isList(number) ? "list" : "count") + number;
    }

    static boolean isList(int number) {
        return number >= KEYS / 2;
    }

    /** The number of a key's slot here. */
    static int slot(byte[] key) {
        return key[1] - 'a';
    }

    /** The number that Redis gives to one of these slots. */
    static int hashSlot(int slot) {
        return Slot.of(bytes("{" + TAGS[slot] + "}"));
    }

    /** One of the slots that keys are in, by the number that Redis gives it. */
    static int anyHashSlot(Random random) {
        return hashSlot(random.nextInt(SLOTS));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    boolean exists(int db, String key) {
        redis.select(db);
        return redis.exists(key) > 0;
    }

    /** Null if there is no such key. */
    byte[] dump(int db, String key) {
        redis.select(db);
        return redis.dump(key);
    }

    void restore(int db, String key, byte[] dump) {
        redis.select(db);
        redis.restore(key, dump, RestoreArgs.Builder.ttl(0).replace());
    }

    void unlink(int db, String key) {
        redis.select(db);
        redis.unlink(key);
    }

    void flush(int db) {
        redis.select(db);
        redis.flushdb();
    }

    void execute(int db, String... command) {
        redis.select(db);
        CommandArgs<String, String> args = new CommandArgs<>(StringCodec.UTF8);
        for (int i = 1; i < command.length; i++) {
            args.add(command[i]);
        }
        redis.dispatch(CommandType.valueOf(command[0]), new ArrayOutput<>(StringCodec.UTF8), args);
    }

    /** The command that makes a key where it is not yet; null if there is no such key. */
    String[] maker(int db, String key) {
        redis.select(db);
        return switch (redis.type(key)) {
            case "string" -> new String[] {"SET", key, redis.get(key)};
            case "list" -> {
                List<String> command = new ArrayList<>(List.of("RPUSH", key));
                command.addAll(redis.lrange(key, 0, -1));
                yield command.toArray(String[]::new);
            }
            default -> null;
        };
    }

    /** What all shards have together, each slot at its owner: key and value. */
    List<String> contents(List<ModelSlot> slots) {
        List<String> contents = contentsOf(key -> {
            redis.select(slots.get(slot(bytes(key))).owner().db());
            return value(redis, key);
        });
        redis.select(0);
        return contents;
    }

    /** Of a target, in which a function finds the value of a key. */
    static List<String> contentsOf(UnaryOperator<String> target) {
        List<String> contents = new ArrayList<>();
        for (int slot = 0; slot < SLOTS; slot++) {
            for (int i = 0; i < KEYS; i++) {
                contents.add(key(slot, i) + " " + target.apply(key(slot, i)));
            }
        }
        return contents;
    }

    /** As text, by which values of all types here can be told apart. */
    static String value(RedisCommands<String, String> from, String key) {
        String type = from.type(key);
        return switch (type) {
            case "string" -> from.get(key);
            case "list" -> from.lrange(key, 0, -1).toString();
            default -> type;
        };
    }
}
