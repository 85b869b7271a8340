package io.rediscdc;

import io.lettuce.core.RedisCommandExecutionException;

/** Writes of every type and of every age, of which each server executes what it knows. */
final class VersionMix {

    private static final String TOUCH = "redis.call('SET', KEYS[1], ARGV[1]); return redis.call('INCR', KEYS[1])";

    private static final String OLDER = "return redis.call('RPUSH', KEYS[1], 'loaded', 'before')";

    /** SHA-1 of that, by which EVALSHA calls it. */
    private static final String OLDER_DIGEST = "d9816ecb38f4a759f6c33cf75c728efb54bd88ef";

    private final VersionedServer server;
    private final String prefix;

    /** @param prefix of its keys, those with a colon in them */
    VersionMix(VersionedServer server, String prefix) {
        this.server = server;
        this.prefix = prefix;
    }

    void run() {
        strings();
        collections();
        encodings();
        streams();
        newer();
        scripts();
        keyspace();
    }

    private void strings() {
        lines(
                "SET s:1 hello",
                "SETEX s:2 1000 ttl",
                "PSETEX s:3 1000000 ttl",
                "SET s:4 x EX 5000 NX",
                "SET s:5 x PX 5000000",
                "SET s:5 y KEEPTTL",
                "SET s:6 x EXAT 4102444800",
                "SET s:7 old",
                "SET s:7 new GET",
                "GETEX s:1 EX 4000",
                "APPEND s:8 wide",
                "SETRANGE s:8 20 gap",
                "MSET s:9 a s:10 b",
                "GETDEL s:10",
                "INCRBY n:1 41",
                "INCRBYFLOAT n:2 3.25",
                "SETBIT b:1 100 1",
                "BITOP OR b:2 b:1 s:1",
                "BITFIELD b:3 SET u8 0 200 INCRBY u8 0 10",
                "PFADD p:1 a b c",
                "PFADD p:2 c d",
                "PFMERGE p:3 p:1 p:2");
    }

    private void collections() {
        lines(
                "RPUSH l:1 a b c d e f",
                "LPUSHX l:1 z",
                "LPUSHX l:1 y x",
                "LINSERT l:1 BEFORE c b2",
                "LTRIM l:1 0 6",
                "LPOP l:1",
                "LPOP l:1 2",
                "RPOPLPUSH l:1 l:2",
                "LMOVE l:1 l:2 LEFT RIGHT",
                "RPUSH l:3 a b c",
                "LMPOP 1 l:3 LEFT COUNT 2",
                "SADD set:1 a b c 1 2 3",
                "SADD set:2 b c x",
                "SMOVE set:1 set:2 a",
                "SPOP set:1",
                "SPOP set:1 2",
                "SUNIONSTORE set:3 set:1 set:2",
                "ZADD z:1 1 a 2 b 3 c 4 d 5 e",
                "ZINCRBY z:1 2.5 b",
                "ZADD z:2 10 b 20 x",
                "ZADD z:2 GT CH 9 b",
                "ZADD z:2 NX 9 new",
                "ZPOPMIN z:1",
                "ZUNIONSTORE z:3 2 z:1 z:2 WEIGHTS 2 3",
                "ZDIFFSTORE z:4 2 z:3 z:2",
                "ZRANGESTORE z:5 z:3 0 -1",
                "ZREMRANGEBYRANK z:3 0 0",
                "HSET h:1 a 1",
                "HSET h:2 a 1 b 2",
                "HMSET h:1 c 1 d 2",
                "HINCRBYFLOAT h:1 a 0.5",
                "HDEL h:1 c d",
                "HSET h:3 a 1",
                "HPEXPIREAT h:3 4102444800000 FIELDS 1 a",
                "HSETEX h:4 PXAT 4102444800000 FIELDS 1 a 1",
                "GEOADD g:1 13.361389 38.115556 Palermo 15.087269 37.502669 Catania",
                "GEORADIUS g:1 15 37 100 km STORE g:2",
                "GEOSEARCHSTORE g:3 g:1 FROMLONLAT 15 37 BYRADIUS 200 km");
    }

    /** Small and large ones of each type, and some larger than the test lets a record be. */
    private void encodings() {
        for (int i = 0; i < 700; i++) {
            lines(
                    "RPUSH large:list element-" + i,
                    "SADD large:set member-" + i,
                    "SADD large:ints " + i * 100_000L,
                    "ZADD large:zset " + i + ".25 member-" + i,
                    "HSET large:hash field-" + i + " value-" + i);
        }
        lines("EXPIREAT large:hash 4102444800", "SETRANGE large:string 60000 end");
    }

    private void streams() {
        for (int i = 1; i <= 700; i++) {
            lines("XADD large:stream 5-" + i + " temperature " + i);
        }
        lines(
                "XADD x:1 5-1 f v",
                "XADD x:1 5-2 f v",
                "XADD x:1 6-1 f v g w",
                "XADD x:1 MAXLEN 3 6-2 f v",
                "XGROUP CREATE x:1 readers 0",
                "XGROUP CREATECONSUMER x:1 readers anna",
                "XREADGROUP GROUP readers bert COUNT 2 STREAMS x:1 >",
                "XACK x:1 readers 5-2",
                "XAUTOCLAIM x:1 readers anna 0 0 COUNT 1",
                "XGROUP CREATE x:1 others 6-1",
                "XADD x:2 1-1 f v",
                "XDEL x:2 1-1",
                "XGROUP CREATE x:2 g 0 MKSTREAM",
                "XSETID x:2 9-9");
    }

    /** Of Redis 7.4 to 8.6 and Valkey 8.1 and 9. */
    private void newer() {
        lines(
                "HSET h:5 a 1 b 2 c 3",
                "HEXPIRE h:5 5000 FIELDS 2 a b",
                "HPERSIST h:5 FIELDS 1 b",
                "HGETEX h:5 PX 6000000 FIELDS 1 c",
                "HGETDEL h:5 FIELDS 1 b",
                "SET s:11 old",
                "SET s:11 new IFEQ old",
                "SET s:12 v",
                "DELEX s:12 IFEQ v",
                "SET s:13 v",
                "DELIFEQ s:13 v",
                "MSETEX 2 s:14 a s:15 b PX 7000000",
                "BITOP DIFF b:4 b:2 b:1",
                "BITOP ONE b:5 b:1 b:2",
                "XADD x:3 7-1 f v",
                "XADD x:3 7-2 f v",
                "XADD x:3 7-3 f v",
                "XGROUP CREATE x:3 readers 0",
                "XREADGROUP GROUP readers anna COUNT 3 STREAMS x:3 >",
                "XACKDEL x:3 readers IDS 1 7-1",
                "XDELEX x:3 DELREF IDS 1 7-2",
                "XADD x:4 IDMP producer one * f v",
                "XADD x:4 IDMPAUTO producer * f w",
                "VADD v:1 VALUES 3 1 2 3 first",
                "VADD v:1 VALUES 3 4 5 6 second");
    }

    private void scripts() {
        call("EVAL", TOUCH, "1", "e:1", "41");
        String digest = server.client().text("SCRIPT", "LOAD", TOUCH);
        call("EVALSHA", digest, "1", "e:2", "7");
        call("EVALSHA", digest, "1", "e:3", "8");
        older();
        call(
                "FUNCTION",
                "LOAD",
                "REPLACE",
                "#!lua name=" + prefix + "\nredis.register_function('" + prefix
                        + "', function(keys) return redis.call('INCR', keys[1]) end)");
        call("FCALL", prefix, "1", "f:1");
    }

    /** Loaded by the first of all, and called by all that follow. */
    private void older() {
        if (server.client().text("SCRIPT", "EXISTS", OLDER_DIGEST).equals("[1]")) {
            call("EVALSHA", OLDER_DIGEST, "1", "e:4");
        } else {
            server.client().call("SCRIPT", "LOAD", OLDER);
        }
    }

    private void keyspace() {
        lines(
                "EXPIRE s:8 3000",
                "EXPIRE s:8 4000 GT",
                "EXPIREAT s:9 4102444800",
                "SET k:1 v EX 999",
                "PERSIST k:1",
                "RENAME k:1 k:2",
                "COPY k:2 k:3",
                "SET k:4 v",
                "UNLINK k:4",
                "SET k:5 v",
                "DEL k:5",
                "PUBLISH news flash",
                "SPUBLISH shardnews flash",
                "MULTI",
                "INCRBY t:1 5",
                "SELECT 2",
                "SET t:2 db2",
                "SELECT 0",
                "EXEC",
                "SELECT 3",
                "SET in:3 x",
                "MOVE in:3 5",
                "SELECT 7",
                "MSET a:7 1 b:7 2",
                "FLUSHDB",
                "SET c:7 1",
                "FLUSHDB ASYNC",
                "SET d:7 1",
                "SELECT 8",
                "SET only:8 eight",
                "SELECT 0",
                "RPUSH sort:1 3 1 2",
                "SORT sort:1 STORE sort:2");
    }

    private void lines(String... lines) {
        for (String line : lines) {
            call(line.split(" ", -1));
        }
    }

    /** What the server does not know is not part of it. */
    private void call(String... args) {
        Object[] prefixed = new Object[args.length];
        for (int i = 0; i < args.length; i++) {
            prefixed[i] = args[i].matches("[a-z]+:\\w+") ? prefix + "-" + args[i] : args[i];
        }
        try {
            server.client().call(prefixed);
        } catch (RedisCommandExecutionException e) {
            if (!e.getMessage()
                    .matches("(?is).*(unknown (sub)?command|wrong number of arguments|syntax error"
                            + "|not a valid float|Invalid stream ID).*")) {
                throw e;
            }
        }
    }
}
