package io.rediscdc.standalone.demo;

import io.rediscdc.standalone.redis.RedisConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Fills an empty server with keys of every type, in several databases, some of them with an expiry. */
public final class SampleData {

    /** Keys of {@link #fill}, about. */
    public static final int KEYS = 30_000;

    private static final int FLUSH_EVERY = 500;

    private final RedisConnection connection;
    private final Random random = new Random(7);
    private int unread;

    private SampleData(RedisConnection connection) {
        this.connection = connection;
    }

    public static void fill(RedisConnection connection) {
        SampleData data = new SampleData(connection);
        data.database(0, KEYS * 6 / 10);
        data.large();
        data.streams();
        data.database(1, KEYS * 3 / 10);
        data.database(5, KEYS / 10);
        data.send("FUNCTION", "LOAD", LIBRARY);
        data.send("SELECT", "0");
        data.readAll();
    }

    private static final String LIBRARY =
            """
            #!lua name=sample
            redis.register_function('touch', function(keys, args)
              return redis.call('HINCRBY', keys[1], 'touched', 1)
            end)
            """;

    private void database(int database, int keys) {
        send("SELECT", Integer.toString(database));
        for (int i = 0; i < keys; i++) {
            key(i);
        }
    }

    private void key(int i) {
        String n = Integer.toString(i);
        switch (i % 10) {
            case 0 -> send("SET", "counter:" + n, Integer.toString(random.nextInt()));
            case 1 -> send("SET", "session:" + n, text(120), "EX", Integer.toString(3600 + random.nextInt(86_400)));
            case 2 -> send("HSET", "user:" + n, "name", "User " + n, "mail", "u" + n + "@example.org", "visits", n);
            case 3 -> send("RPUSH", "queue:" + n, text(20), text(30), n, "-1");
            case 4 -> send("SADD", "tags:" + n, "red", "green", text(12));
            case 5 -> send("SADD", "ids:" + n, n, Integer.toString(i * 7), "70000", "5000000000");
            case 6 -> send("ZADD", "rank:" + n, "1.5", "a", Integer.toString(i), "b", "-inf", "c");
            case 7 -> send("GEOADD", "places:" + n, "13.36", "38.11", "Palermo", "15.08", "37.5", "Catania");
            case 8 -> send("PFADD", "visitors:" + n, text(8), text(8), text(8));
            default -> send("SETBIT", "flags:" + n, Integer.toString(random.nextInt(2000)), "1");
        }
    }

    /** Values beyond what the compact encodings hold, and a string of more than a few network reads. */
    private void large() {
        send("SET", "document", text(2_000_000).substring(0, 600_000));
        for (int part = 0; part < 20; part++) {
            List<String> list = new ArrayList<>(List.of("RPUSH", "large:list"));
            List<String> set = new ArrayList<>(List.of("SADD", "large:set"));
            List<String> hash = new ArrayList<>(List.of("HSET", "large:hash"));
            List<String> zset = new ArrayList<>(List.of("ZADD", "large:zset"));
            for (int i = 0; i < 200; i++) {
                String n = part + "-" + i;
                list.add(text(40));
                set.add("member " + n);
                hash.addAll(List.of("field " + n, text(30)));
                zset.addAll(List.of(Double.toString(random.nextGaussian()), "member " + n));
            }
            List.of(list, set, hash, zset).forEach(command -> send(command.toArray(new String[0])));
        }
        send("EXPIRE", "large:hash", "7200");
    }

    private void streams() {
        for (int s = 0; s < 20; s++) {
            String stream = "events:" + s;
            for (int i = 0; i < 60; i++) {
                send("XADD", stream, "*", "kind", "click", "n", Integer.toString(i));
            }
            send("XGROUP", "CREATE", stream, "workers", "0");
            send("XGROUP", "CREATE", stream, "audit", "$");
            send("XREADGROUP", "GROUP", "workers", "w1", "COUNT", "10", "STREAMS", stream, ">");
            send("XREADGROUP", "GROUP", "workers", "w2", "COUNT", "5", "STREAMS", stream, ">");
        }
    }

    private String text(int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    private void send(String... words) {
        byte[][] command = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            command[i] = words[i].getBytes(StandardCharsets.UTF_8);
        }
        connection.send(command);
        unread++;
        if (unread == FLUSH_EVERY) {
            readAll();
        }
    }

    private void readAll() {
        connection.flush();
        for (; unread > 0; unread--) {
            connection.read();
        }
    }
}
