package io.rediscdc.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.testing.RedisServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The table against what a redis-server says of its commands. */
class CommandTableIT {

    private static final CommandTable TABLE = CommandTable.standard();

    /** Arguments separated by blanks, {@code ''} for an empty one; keys named k0, k1 ... for the reader. */
    private static final List<String> SAMPLES =
            """
            APPEND k0 v
            BITFIELD k0 SET u8 0 255
            BITFIELD k0 GET u8 0 OVERFLOW FAIL INCRBY u2 100 1
            DECR k0
            DECRBY k0 5
            EXPIRE k0 10
            EXPIRE k0 10 NX
            EXPIREAT k0 33177117420
            PEXPIRE k0 1500 GT
            PEXPIREAT k0 33177117420000
            PERSIST k0
            GETDEL k0
            GETEX k0 PXAT 33177117420000
            GETSET k0 v
            INCR k0
            INCRBY k0 5
            INCRBYFLOAT k0 1.5
            MOVE k0 1
            PSETEX k0 1000 v
            SETEX k0 10 v
            SETNX k0 v
            SETRANGE k0 5 v
            SETBIT k0 7 1
            SET k0 v
            SET k0 v PXAT 33177117420000 KEEPTTL
            set k0 k1
            RESTORE k0 0 payload
            RESTORE k0 0 payload REPLACE ABSTTL IDLETIME 5
            RESTORE-ASKING k0 0 payload ABSTTL
            HDEL k0 f g
            HINCRBY k0 f 1
            HINCRBYFLOAT k0 f 1.5
            HMSET k0 f v g w
            HSET k0 f v g w
            HSETNX k0 f v
            LINSERT k0 BEFORE p v
            LPOP k0
            LPOP k0 2
            LPUSH k0 a b c
            LPUSHX k0 a
            LREM k0 0 a
            LSET k0 0 a
            LTRIM k0 0 5
            RPOP k0
            RPUSH k0 a b c
            RPUSHX k0 a
            SADD k0 a b
            SPOP k0 2
            SREM k0 a b
            GEOADD k0 13.361389 38.115556 m
            ZADD k0 NX GT CH 1 a 2 b
            ZADD k0 1 a
            ZINCRBY k0 1 a
            ZPOPMAX k0
            ZPOPMIN k0 2
            ZREM k0 a
            ZREMRANGEBYLEX k0 - +
            ZREMRANGEBYRANK k0 0 1
            ZREMRANGEBYSCORE k0 0 1
            XACK k0 g 1-1 2-1
            XADD k0 MAXLEN ~ 100 * f v
            XADD k0 1-1 f v
            XAUTOCLAIM k0 g c 100 0
            XCLAIM k0 g c 100 1-1 2-1 JUSTID
            XDEL k0 1-1
            XSETID k0 5-1 ENTRIESADDED 5 MAXDELETEDID 0-0
            XTRIM k0 MINID = 5
            XGROUP CREATE k0 g $ MKSTREAM
            XGROUP SETID k0 g 0
            XGROUP DESTROY k0 g
            XGROUP CREATECONSUMER k0 g c
            xgroup delconsumer k0 g c
            PFADD k0 a b
            PFADD k0
            PFCOUNT k0
            PFCOUNT k0 k1 k2
            PFDEBUG TODENSE k0
            PFMERGE k0 k1
            PFMERGE k0 k1 k2 k3
            BLMOVE k0 k1 LEFT RIGHT 0
            BRPOPLPUSH k0 k1 0
            RPOPLPUSH k0 k1
            LMOVE k0 k1 LEFT RIGHT
            COPY k0 k1
            COPY k0 k1 DB 3 REPLACE
            COPY k0 k0 DB 3
            GEOSEARCHSTORE k0 k1 FROMLONLAT 1 2 BYRADIUS 5 km STOREDIST
            GEOSEARCHSTORE k0 k1 FROMMEMBER store BYBOX 5 5 km ASC COUNT 3 ANY
            RENAME k0 k1
            RENAMENX k0 k1
            SMOVE k0 k1 m
            ZRANGESTORE k0 k1 0 -1
            ZRANGESTORE k0 k1 (1 +inf BYSCORE LIMIT 0 5
            DEL k0
            DEL k0 k1 k2 k3 k4
            UNLINK k0
            UNLINK k0 k1 k2
            SDIFFSTORE k0 k1
            SDIFFSTORE k0 k1 k2 k3
            SINTERSTORE k0 k1
            SINTERSTORE k0 k1 k2
            SUNIONSTORE k0 k1
            SUNIONSTORE k0 k1 k2 k3
            BLPOP k0 0
            BLPOP k0 k1 k2 0.5
            BRPOP k0 k1 0
            BZPOPMAX k0 0
            BZPOPMIN k0 k1 k2 0
            BITOP NOT k0 k1
            BITOP AND k0 k1 k2 k3
            bitop xor k0 k0 k1
            MSET k0 v
            MSET k0 v k1 v k2 v
            MSETNX k0 v k1 v
            LMPOP 1 k0 LEFT
            LMPOP 2 k0 k1 RIGHT COUNT 10
            ZMPOP 1 k0 MIN
            ZMPOP 3 k0 k1 k2 MAX COUNT 2
            BLMPOP 0 1 k0 LEFT
            BLMPOP 0.5 3 k0 k1 k2 LEFT COUNT 2
            BZMPOP 0 1 k0 MIN
            BZMPOP 1 2 k0 k1 MAX COUNT 2
            ZDIFFSTORE k0 1 k1
            ZDIFFSTORE k0 3 k1 k2 k3
            ZINTERSTORE k0 1 k1
            ZINTERSTORE k0 2 k1 k2 WEIGHTS 1 2 AGGREGATE MAX
            ZUNIONSTORE k0 1 k1
            ZUNIONSTORE k0 2 k1 k2 WEIGHTS 1 2
            zunionstore k0 3 k1 k2 k3 AGGREGATE sum
            SORT k0
            SORT k0 STORE k1
            SORT k0 store k1
            SORT k0 ALPHA DESC LIMIT 0 5 STORE k1
            SORT k0 BY nosort GET # GET p* STORE k1
            SORT k0 BY store GET store STORE k1
            SORT k0 LIMIT store store DESC
            SORT k0 GET store
            SORT k0 STORE k1 STORE k2
            SORT k0 STORE k1 BY w* ALPHA
            GEORADIUS k0 1 2 5 km
            GEORADIUS k0 1 2 5 km STORE k1
            GEORADIUS k0 1 2 5 km COUNT 3 ASC STOREDIST k1
            GEORADIUS k0 1 2 5 km STORE k1 STOREDIST k2
            GEORADIUS k0 1 2 5 km WITHDIST COUNT 3 ANY
            GEORADIUSBYMEMBER k0 m 5 km
            GEORADIUSBYMEMBER k0 m 5 km STORE k1
            GEORADIUSBYMEMBER k0 store 5 km storedist k1
            GEORADIUSBYMEMBER k0 m 5 km STORE k1 DESC
            XREADGROUP GROUP g c STREAMS k0 >
            XREADGROUP GROUP g c COUNT 5 BLOCK 10 NOACK STREAMS k0 k1 > 0
            XREADGROUP GROUP streams c STREAMS k0 k1 k2 > > >
            XREADGROUP COUNT 5 GROUP g c streams k0 0-0
            MIGRATE 127.0.0.1 6379 k0 0 100
            MIGRATE 127.0.0.1 6379 k0 0 100 COPY REPLACE
            MIGRATE 127.0.0.1 6379 k0 0 100 AUTH KEYS
            MIGRATE 127.0.0.1 6379 '' 0 100 KEYS k0
            MIGRATE 127.0.0.1 6379 '' 0 100 COPY REPLACE AUTH pw KEYS k0 k1 k2
            MIGRATE 127.0.0.1 6379 '' 0 100 AUTH2 user KEYS KEYS k0 k1
            EVAL return 1 k0
            EVAL return 3 k0 k1 k2
            EVAL return 2 k0 k1 argument argument
            EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 1 k0
            evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db 2 k0 k1 5
            FCALL f 1 k0
            FCALL f 2 k0 k1 argument
            """
                    .lines()
                    .toList();

    private static RedisServer server;

    @BeforeAll
    static void startServer() throws Exception {
        server = new RedisServer();
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }

    @Test
    void findsTheSameKeysAsTheServer() {
        assertThat(SAMPLES).hasSizeGreaterThan(120);
        for (String sample : SAMPLES) {
            byte[][] args = args(sample);

            int[] indexes = TABLE.spec(args).keys(args);

            List<String> keys = Arrays.stream(indexes)
                    .mapToObj(index -> new String(args[index], UTF_8))
                    .toList();
            assertThat(indexes).as(sample).isSorted();
            assertThat(keys).as(sample).containsExactlyInAnyOrderElementsOf(serverKeys(sample));
        }
    }

    @Test
    void hasASampleOfEveryKeyedCommandOfTheServer() {
        Set<String> sampled = new HashSet<>();
        SAMPLES.forEach(sample -> sampled.add(TABLE.spec(args(sample)).name()));

        List<String> missing = writeCommands().stream()
                .filter(name -> TABLE.spec(name.getBytes(UTF_8)).kind() == CommandKind.WRITE)
                .filter(name -> !sampled.contains(name))
                .toList();

        assertThat(missing).isEmpty();
    }

    @Test
    void knowsEveryWriteCommandOfTheServer() {
        Set<String> names = writeCommands();

        assertThat(names).hasSizeGreaterThan(100).contains("set", "xgroup", "function", "flushall");
        assertThat(names)
                .allSatisfy(name -> assertThat(TABLE.spec(name.getBytes(UTF_8)).kind())
                        .as(name)
                        .isNotEqualTo(CommandKind.UNKNOWN));
    }

    /** What only reads has no place in a replication stream, but for what the table says of PFCOUNT. */
    @Test
    void knowsNoCommandThatOnlyReads() {
        Set<String> readers = commands("readonly");
        assertThat(readers).contains("get", "pfcount");
        readers.remove("pfcount");

        assertThat(readers)
                .allSatisfy(name -> assertThat(TABLE.spec(name.getBytes(UTF_8)).kind())
                        .as(name)
                        .isEqualTo(CommandKind.UNKNOWN));
    }

    private static List<String> serverKeys(String sample) {
        byte[][] args = args(sample);
        byte[][] question = new byte[args.length + 2][];
        question[0] = "COMMAND".getBytes(UTF_8);
        question[1] = "GETKEYS".getBytes(UTF_8);
        System.arraycopy(args, 0, question, 2, args.length);
        Reply reply = server.call(question);
        assertThat(reply).as(sample).isInstanceOf(Reply.Array.class);
        return elements(reply).stream().map(Reply::text).toList();
    }

    private static Set<String> writeCommands() {
        return commands("write");
    }

    /** Names of the commands that have the flag, or have a subcommand that does. */
    private static Set<String> commands(String flag) {
        Set<String> names = new TreeSet<>();
        for (Reply command : elements(server.call("COMMAND"))) {
            List<Reply> facts = elements(command);
            List<Reply> flags = new ArrayList<>(elements(facts.get(2)));
            for (Reply subcommand : elements(facts.get(9))) {
                flags.addAll(elements(elements(subcommand).get(2)));
            }
            if (flags.contains(new Reply.Status(flag))) {
                names.add(facts.get(0).text());
            }
        }
        return names;
    }

    private static List<Reply> elements(Reply reply) {
        assertThat(reply).isInstanceOf(Reply.Array.class);
        return ((Reply.Array) reply).elements();
    }

    private static byte[][] args(String command) {
        return Arrays.stream(command.split(" ", -1))
                .map(arg -> arg.equals("''") ? "" : arg)
                .map(arg -> arg.getBytes(UTF_8))
                .toArray(byte[][]::new);
    }
}
