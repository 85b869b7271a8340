package io.rediscdc;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Write commands of every kind over several databases, in an order in which each finds what it works on. */
final class LiveMix {

    private static final String LIBRARY =
            """
            #!lua name=mixlib
            redis.register_function('mix_incr', function(keys, args) return redis.call('INCRBY', keys[1], args[1]) end)
            """;

    private final RedisClientOf redis;
    private final String prefix;
    private final Set<String> used = new LinkedHashSet<>();

    /** @param prefix of its keys, those with a colon in them */
    LiveMix(RedisClientOf redis, String prefix) {
        this.redis = redis;
        this.prefix = prefix;
    }

    /** Runs all; a command that the server refuses ends it. */
    void run() {
        strings();
        lists();
        setsAndSortedSets();
        hashes();
        streams();
        probabilisticAndGeo();
        scriptsAndFunctions();
        transactions();
        keyspace();
        databases();
    }

    /**
     * Runs what has keys of one slot only; the prefix has a tag.
     *
     * @param functions whether to load some, too: they have no slot
     */
    void runInOneSlot(boolean functions) {
        strings();
        lists();
        setsAndSortedSets();
        hashes();
        streams();
        probabilisticAndGeo();
        if (functions) {
            scriptsAndFunctions();
        }
        keyspace();
    }

    /** Runs what needs no other database than 0. */
    void runInOneDatabase() {
        runInOneSlot(true);
    }

    /** Names of the commands run, without what writes nothing. */
    Set<String> used() {
        return used;
    }

    private void strings() {
        lines(
                "SET s:1 hello",
                "SETNX s:2 once",
                "SETEX s:3 1000 ttl",
                "PSETEX s:4 1000000 ttl",
                "SET s:5 x EX 5000",
                "SET s:5 y KEEPTTL",
                "GETSET s:1 world",
                "APPEND s:1 -wide",
                "SETRANGE s:1 20 gap",
                "MSET s:6 a s:7 b s:8 c",
                "MSETNX s:9 a s:10 b",
                "INCR n:1",
                "INCRBY n:1 41",
                "INCRBYFLOAT n:2 3.25",
                "DECR n:3",
                "DECRBY n:3 9",
                "GETEX s:6 EX 4000",
                "GETEX s:3 PERSIST",
                "GETDEL s:7",
                "SETBIT b:1 100 1",
                "SETBIT b:2 7 1",
                "BITOP OR b:3 b:1 b:2",
                "BITFIELD b:4 SET u8 0 200 INCRBY u8 0 10");
    }

    private void lists() {
        lines(
                "RPUSH l:1 a b c d e f",
                "LPUSH l:1 z",
                "LPUSHX l:1 y",
                "RPUSHX l:1 g",
                "LINSERT l:1 BEFORE c b2",
                "LSET l:1 0 first",
                "LREM l:1 1 d",
                "LTRIM l:1 0 6",
                "LPOP l:1",
                "RPOP l:1",
                "RPOPLPUSH l:1 l:2",
                "LMOVE l:1 l:2 LEFT RIGHT",
                "LMPOP 1 l:1 LEFT COUNT 1",
                "BLPOP l:1 1",
                "RPUSH l:3 3 1 2",
                "SORT l:3 STORE l:4");
    }

    private void setsAndSortedSets() {
        lines(
                "SADD set:1 a b c d 1 2 3",
                "SADD set:2 b c x",
                "SADD set:ints 1 2 3 70000",
                "SREM set:1 a",
                "SMOVE set:1 set:2 d",
                "SPOP set:1",
                "SINTERSTORE set:3 set:1 set:2",
                "SUNIONSTORE set:4 set:1 set:2",
                "SDIFFSTORE set:5 set:2 set:1",
                "ZADD z:1 1 a 2 b 3 c 4 d 5 e",
                "ZADD z:2 10 b 20 x",
                "ZADD z:1 GT CH 9 a",
                "ZINCRBY z:1 2.5 b",
                "ZREM z:1 c",
                "ZPOPMIN z:1",
                "ZPOPMAX z:1",
                "ZMPOP 1 z:1 MIN",
                "ZUNIONSTORE z:3 2 z:1 z:2 WEIGHTS 2 3",
                "ZINTERSTORE z:4 2 z:2 z:2",
                "ZDIFFSTORE z:5 2 z:3 z:1",
                "ZRANGESTORE z:6 z:3 0 -1",
                "ZADD z:7 1 a 2 b 3 c 4 d",
                "ZREMRANGEBYRANK z:7 0 0",
                "ZREMRANGEBYSCORE z:7 2 2",
                "ZADD z:8 0 a 0 b 0 c",
                "ZREMRANGEBYLEX z:8 [a [a");
    }

    private void hashes() {
        lines(
                "HSET h:1 a 1 b 2",
                "HSETNX h:1 c 3",
                "HMSET h:1 d 4",
                "HINCRBY h:1 a 10",
                "HINCRBYFLOAT h:1 b 0.5",
                "HDEL h:1 d");
    }

    private void streams() {
        lines(
                "XADD x:1 * temperature 20",
                "XADD x:1 * temperature 21 humidity 40",
                "XADD x:1 MAXLEN ~ 1000 * temperature 22",
                "XADD x:2 NOMKSTREAM 1-1 never there",
                "XGROUP CREATE x:1 readers 0",
                "XGROUP CREATECONSUMER x:1 readers anna",
                "XREADGROUP GROUP readers bert COUNT 2 STREAMS x:1 >",
                "XAUTOCLAIM x:1 readers anna 0 0 COUNT 1",
                "XGROUP SETID x:1 readers $",
                "XADD x:3 5-1 f v",
                "XADD x:3 5-2 f v",
                "XADD x:3 6-1 f v",
                "XDEL x:3 5-2",
                "XGROUP CREATE x:3 g 0",
                "XREADGROUP GROUP g c STREAMS x:3 >",
                "XACK x:3 g 5-1",
                "XCLAIM x:3 g d 0 6-1",
                "XTRIM x:3 MAXLEN 1",
                "XSETID x:3 9-9",
                "XGROUP DELCONSUMER x:1 readers bert",
                "XGROUP CREATE x:1 gone $",
                "XGROUP DESTROY x:1 gone");
    }

    private void probabilisticAndGeo() {
        lines(
                "PFADD p:1 a b c",
                "PFADD p:2 c d",
                "PFMERGE p:3 p:1 p:2",
                "GEOADD g:1 13.361389 38.115556 Palermo 15.087269 37.502669 Catania",
                "GEOSEARCHSTORE g:2 g:1 FROMLONLAT 15 37 BYRADIUS 200 km",
                "GEORADIUS g:1 15 37 100 km STORE g:3");
    }

    private void scriptsAndFunctions() {
        call("EVAL", "redis.call('SET', KEYS[1], ARGV[1]); return redis.call('INCR', KEYS[1])", "1", "e:1", "41");
        call("EVAL", "return redis.call('RPUSH', KEYS[1], 1, 2, 3)", "1", "e:2");
        call("FUNCTION", "LOAD", "REPLACE", LIBRARY);
        call("FCALL", "mix_incr", "1", "f:1", "7");
        call("FUNCTION", "LOAD", LIBRARY.replace("mixlib", "shortlived").replace("mix_incr", "short"));
        call("FUNCTION", "DELETE", "shortlived");
    }

    private void transactions() {
        lines("MULTI", "INCRBY t:a -5", "INCRBY t:b 5", "SELECT 2", "SET t:other db2", "SELECT 0", "EXEC");
        lines("MULTI", "SET t:single 1", "EXEC");
        lines("MULTI", "GET t:single", "EXEC");
        lines("MULTI", "SET t:discarded 1", "DISCARD");
    }

    private void keyspace() {
        lines(
                "SET k:1 v",
                "EXPIRE k:1 3000",
                "PEXPIRE s:2 3000000",
                "EXPIREAT s:8 4102444800",
                "PEXPIREAT s:9 4102444800000",
                "SET k:2 v EX 999",
                "PERSIST k:2",
                "SET k:3 v",
                "EXPIRE k:3 -1",
                "RENAME k:2 k:4",
                "SET k:5 v",
                "RENAMENX k:5 k:6",
                "COPY k:6 k:7",
                "DEL k:6",
                "UNLINK s:10",
                "PUBLISH news flash",
                "SPUBLISH shard:news flash");
        byte[] dump = redis.bytes("DUMP", prefix + "-l:2");
        used.add("RESTORE");
        redis.call("RESTORE", prefix + "-k:restored", "900000", dump);
    }

    private void databases() {
        lines(
                "SELECT 3",
                "SET in:3 x",
                "RPUSH list:3 a b",
                "MOVE in:3 5",
                "COPY list:3 list:3 DB 5",
                "SELECT 7",
                "MSET a 1 b 2",
                "FLUSHDB",
                "SET after flush",
                "SELECT 8",
                "SET only eight",
                "SWAPDB 8 9",
                "SWAPDB 0 1",
                "SELECT 0",
                "SET now:in zero",
                // While everything else is in database 1: it is to be there when the mix has run.
                "FLUSHDB ASYNC",
                "SET now:in again",
                "SWAPDB 0 1",
                "SET last one");
    }

    private void lines(String... lines) {
        for (String line : lines) {
            call(line.split(" ", -1));
        }
    }

    private void call(String... args) {
        String name = args[0].toUpperCase(Locale.ROOT);
        if (!List.of("SELECT", "MULTI", "DISCARD", "GET").contains(name)) {
            used.add(name.equals("XGROUP") || name.equals("FUNCTION") ? name + " " + args[1] : name);
        }
        Object[] prefixed = new Object[args.length];
        for (int i = 0; i < args.length; i++) {
            prefixed[i] = args[i].matches("\\w+:\\w+") ? prefix + "-" + args[i] : args[i];
        }
        redis.call(prefixed);
    }
}
