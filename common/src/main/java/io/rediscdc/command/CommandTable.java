package io.rediscdc.command;

import static io.rediscdc.command.CommandKind.CLUSTER;
import static io.rediscdc.command.CommandKind.EVAL;
import static io.rediscdc.command.CommandKind.EXEC;
import static io.rediscdc.command.CommandKind.FLUSH;
import static io.rediscdc.command.CommandKind.FUNCTION;
import static io.rediscdc.command.CommandKind.MULTI;
import static io.rediscdc.command.CommandKind.OTHER;
import static io.rediscdc.command.CommandKind.PING;
import static io.rediscdc.command.CommandKind.PUBLISH;
import static io.rediscdc.command.CommandKind.REPLCONF;
import static io.rediscdc.command.CommandKind.SCRIPT;
import static io.rediscdc.command.CommandKind.SELECT;
import static io.rediscdc.command.CommandKind.SWAPDB;
import static io.rediscdc.command.CommandKind.UNKNOWN;
import static io.rediscdc.command.CommandKind.WRITE;
import static io.rediscdc.command.KeyFinder.at;
import static io.rediscdc.command.KeyFinder.counted;
import static io.rediscdc.command.KeyFinder.destinationAndCounted;
import static io.rediscdc.command.KeyFinder.geoRadius;
import static io.rediscdc.command.KeyFinder.migrate;
import static io.rediscdc.command.KeyFinder.none;
import static io.rediscdc.command.KeyFinder.range;
import static io.rediscdc.command.KeyFinder.sort;
import static io.rediscdc.command.KeyFinder.streams;

import java.util.ArrayList;
import java.util.List;

/**
 * All that can stand in a replication stream: what writes in Redis 2.6 to 8.6 and Valkey 7.2 to 9, the same of usual
 * modules, and what masters add. Commands that only read are not in it, but PFCOUNT, which is replicated when it
 * refreshed what it caches (hyperloglog.c, pfcountCommand). Looking up allocates nothing. Immutable.
 *
 * <p>Sources: src/commands/*.json of redis and valkey, key positions of modules from their command registrations.
 */
public final class CommandTable {

    private static final CommandSpec NOT_KNOWN = new CommandSpec("unknown", UNKNOWN, none());

    private static final CommandTable STANDARD = standardTable();

    /** Open addressing; a power of two, at most a quarter full. */
    private final CommandSpec[] slots = new CommandSpec[1024];

    private final List<CommandSpec> specs = new ArrayList<>();

    private CommandTable() {}

    public static CommandTable standard() {
        return STANDARD;
    }

    /**
     * What is known of a command; of kind UNKNOWN, without keys, if nothing is.
     *
     * @param args the command, its name first, in any case
     */
    public CommandSpec spec(byte[][] args) {
        return spec(args[0]);
    }

    /** The same, by its name. */
    public CommandSpec spec(byte[] name) {
        CommandSpec spec = slots[slotOf(name)];
        return spec == null ? NOT_KNOWN : spec;
    }

    /** All that are known. */
    public List<CommandSpec> specs() {
        return List.copyOf(specs);
    }

    /** Where a name is, or would be. */
    private int slotOf(byte[] name) {
        int hash = 0;
        for (byte b : name) {
            hash = 31 * hash + Ascii.lower(b);
        }
        int slot = (hash ^ (hash >>> 10)) & (slots.length - 1);
        while (slots[slot] != null && !slots[slot].isNamed(name)) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private CommandTable add(CommandKind kind, KeyFinder finder, String names) {
        for (String name : names.strip().split("\\s+", -1)) {
            CommandSpec spec = new CommandSpec(name, kind, finder);
            int slot = slotOf(spec.nameBytes());
            if (slots[slot] != null) {
                throw new IllegalStateException(name + " is in the table twice");
            }
            slots[slot] = spec;
            specs.add(spec);
        }
        return this;
    }

    private static CommandTable standardTable() {
        return new CommandTable()
                .add(
                        WRITE,
                        at(1),
                        """
                    append bitfield decr decrby delex delifeq expire expireat getdel getex getset incr incrby
                    incrbyfloat move persist pexpire pexpireat psetex restore restore-asking set setbit setex setnx
                    setrange
                    hdel hexpire hexpireat hgetdel hgetex hincrby hincrbyfloat hmset hpersist hpexpire hpexpireat hset
                    hsetex hsetnx
                    linsert lpop lpush lpushx lrem lset ltrim rpop rpush rpushx
                    sadd spop srem
                    geoadd zadd zincrby zpopmax zpopmin zrem zremrangebylex zremrangebyrank zremrangebyscore
                    xack xackdel xadd xautoclaim xcfgset xclaim xdel xdelex xidmprecord xnack xsetid xtrim
                    pfadd vadd vrem vsetattr
                    """)
                .add(WRITE, at(2), "pfdebug xgroup")
                .add(
                        WRITE,
                        at(1, 2),
                        """
                    blmove brpoplpush copy geosearchstore lmove rename renamenx rpoplpush smove zrangestore
                    """)
                .add(WRITE, range(1, -1, 1), "del unlink pfcount pfmerge sdiffstore sinterstore sunionstore")
                .add(WRITE, range(1, -2, 1), "blpop brpop bzpopmax bzpopmin")
                .add(WRITE, range(2, -1, 1), "bitop")
                .add(WRITE, range(1, -1, 2), "mset msetnx")
                .add(WRITE, counted(1, 2, 1), "msetex")
                .add(WRITE, counted(1, 1, 1), "lmpop zmpop")
                .add(WRITE, counted(2, 1, 1), "blmpop bzmpop")
                .add(WRITE, destinationAndCounted(), "zdiffstore zinterstore zunionstore")
                .add(WRITE, sort(), "sort")
                .add(WRITE, geoRadius(6), "georadius")
                .add(WRITE, geoRadius(5), "georadiusbymember")
                .add(WRITE, streams(), "xreadgroup")
                .add(WRITE, migrate(), "migrate")
                // RedisJSON, RedisBloom, RedisTimeSeries, RediSearch, RedisGraph and their Valkey relatives
                .add(
                        WRITE,
                        at(1),
                        """
                    json.arrappend json.arrinsert json.arrpop json.arrtrim json.clear json.del json.forget json.merge
                    json.numincrby json.nummultby json.numpowby json.set json.strappend json.toggle
                    bf.add bf.insert bf.load bf.loadchunk bf.madd bf.reserve
                    cf.add cf.addnx cf.compact cf.del cf.insert cf.insertnx cf.loadchunk cf.reserve
                    cms.incrby cms.initbydim cms.initbyprob
                    topk.add topk.incrby topk.reserve
                    tdigest.add tdigest.create tdigest.reset
                    ts.add ts.alter ts.create ts.decrby ts.del ts.incrby
                    ft.sugadd ft.sugdel
                    graph.delete graph.effect graph.query
                    """)
                .add(WRITE, at(1, 2), "ts.createrule ts.deleterule")
                .add(WRITE, range(1, -1, 3), "json.mset ts.madd")
                .add(WRITE, destinationAndCounted(), "cms.merge tdigest.merge")
                .add(
                        OTHER,
                        none(),
                        """
                    ft.aliasadd ft.aliasdel ft.aliasupdate ft.alter ft.create ft.dictadd ft.dictdel ft.drop ft.dropindex
                    ft.synadd ft.synupdate
                    ft._aliasaddifnx ft._aliasdelifx ft._alterifnx ft._createifnx ft._dropifx ft._dropindexifx
                    _ft.aliasadd _ft.aliasdel _ft.aliasupdate _ft.alter _ft.create _ft.drop _ft.dropindex _ft.synupdate
                    _ft._aliasaddifnx _ft._aliasdelifx _ft._alterifnx _ft._createifnx _ft._dropifx _ft._dropindexifx
                    """)
                .add(EVAL, counted(2, 1, 0), "eval evalsha fcall")
                .add(FLUSH, none(), "flushall flushdb")
                .add(SWAPDB, none(), "swapdb")
                .add(FUNCTION, none(), "function")
                .add(SCRIPT, none(), "script")
                .add(PUBLISH, none(), "publish")
                .add(PUBLISH, at(1), "spublish")
                .add(SELECT, none(), "select")
                .add(MULTI, none(), "multi")
                .add(EXEC, none(), "exec")
                .add(PING, none(), "ping")
                .add(REPLCONF, none(), "replconf")
                .add(CLUSTER, none(), "cluster trimslots");
    }
}
