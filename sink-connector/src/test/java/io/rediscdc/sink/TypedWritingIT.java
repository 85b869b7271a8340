package io.rediscdc.sink;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.model.Flavour;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** States that all kinds of servers saved, at a target that does not take every dump. */
class TypedWritingIT {

    /** Of the target, Redis 7.0. */
    private static final int RDB_VERSION = 10;

    private RedisServer server;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        run = new SinkRun(server);
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"7.2", "7.4", "8.0", "8.6", "valkey8", "valkey9"})
    void anOlderTargetHasWhatNewerServersSaved(String version) throws IOException {
        run.with("unsupported.policy", "drop").start();
        Saved saved = Saved.by(version);
        run.replicate(saved.feed());

        int newer = 0;
        int expiring = 0;
        for (RdbItem.Key key : saved.keys()) {
            byte[] dump = dump(key);
            if (Saved.isModule(key)) {
                assertThat(dump).isNull();
                continue;
            }
            assertThat(dump).as("%s %s", key.type(), Saved.name(key)).isNotNull();
            assertThat(DumpPayload.rdbVersion(dump)).isEqualTo(RDB_VERSION);
            List<String> before = Saved.lines(key.dump(), saved.flavour());
            assertThat(Saved.lines(dump, Flavour.REDIS))
                    .as("%s %s", key.type(), Saved.name(key))
                    .isEqualTo(Saved.withoutFieldTimes(before));
            assertThat(server.bytes().pexpiretime(key.key())).isEqualTo(key.expireAtMs());
            newer += key.type().minimumVersion() > RDB_VERSION ? 1 : 0;
            expiring += Saved.withoutFieldTimes(before).equals(before) ? 0 : 1;
        }
        assertThat(newer).isPositive();
        long modules = saved.keys().stream().filter(Saved::isModule).count();
        assertThat(run.metric("omissions-total")).isEqualTo(expiring + modules);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.8", "3.2", "4.0", "5.0", "6.2", "7.0"})
    void commandsWriteWhatRestoreDoes(String version) throws IOException {
        Saved saved = Saved.by(version);
        try (RedisServer other = RedisServer.start()) {
            SinkRun restoring = new SinkRun(other).with("write.mode", "dump").start();
            try {
                restoring.replicate(saved.feed());
            } finally {
                restoring.stop();
            }
            run.with("write.mode", "typed").start();
            run.replicate(saved.feed());
            int db = 0;
            for (RdbItem.Key key : saved.keys()) {
                if (key.db() != db) {
                    db = key.db();
                    server.bytes().select(db);
                    other.bytes().select(db);
                }
                assertThat(digest(server, key))
                        .as("%s %s", key.type(), Saved.name(key))
                        .isEqualTo(digest(other, key));
                assertThat(server.bytes().pexpiretime(key.key()))
                        .isEqualTo(other.bytes().pexpiretime(key.key()));
            }
        }
    }

    @Test
    void replacesWhatWasThere() throws IOException {
        run.with("write.mode", "typed").start();
        Saved saved = Saved.by("7.0");
        RedisCommands<byte[], byte[]> redis = server.bytes();
        for (RdbItem.Key key : saved.keys()) {
            redis.select(key.db());
            redis.rpush(key.key(), new byte[] {1});
        }
        run.replicate(saved.feed());
        for (RdbItem.Key key : saved.keys()) {
            assertThat(Saved.lines(dump(key), Flavour.REDIS)).isEqualTo(Saved.lines(key.dump(), saved.flavour()));
        }
    }

    @Test
    void doesWithoutTheRightToRestore() throws IOException {
        server.commands()
                .aclSetuser(
                        "writer",
                        AclSetuserArgs.Builder.on()
                                .addPassword("p")
                                .allKeys()
                                .allChannels()
                                .allCommands()
                                .removeCommand(CommandType.RESTORE));
        run.with("redis.username", "writer").with("redis.password", "p").start();
        Saved saved = Saved.by("7.0");
        run.replicate(saved.feed());
        for (RdbItem.Key key : saved.keys()) {
            assertThat(Saved.lines(dump(key), Flavour.REDIS)).isEqualTo(Saved.lines(key.dump(), saved.flavour()));
        }
        run.with("write.mode", "dump");
        assertThatThrownBy(run::restart)
                .hasMessageContaining("does not let us RESTORE")
                .hasMessageContaining("NOPERM");
    }

    @Test
    void stopsAtWhatTheTargetCannotHold() throws IOException {
        run.start();
        Saved saved = Saved.by("7.4");
        assertThatThrownBy(() -> run.put(saved.feed().from(0)))
                .hasMessageContaining("the record at changes-0@")
                .hasMessageContaining("hash-field-expiry")
                .hasMessageContaining("unsupported.policy=drop");
        assertThat(server.commands().dbsize()).isEqualTo(1);
    }

    @Test
    void dumpModeStopsAtADumpThatTheTargetDoesNotTake() throws IOException {
        run.with("write.mode", "dump").start();
        Saved saved = Saved.by("7.2");
        assertThatThrownBy(() -> run.put(saved.feed().from(0)))
                .hasMessageContaining("the record at changes-0@")
                .hasMessageContaining("RDB version 11")
                .hasMessageContaining("RESTORE of RDB versions {6, 7, 8, 9, 10}");
    }

    private byte[] dump(RdbItem.Key key) {
        server.bytes().select(key.db());
        return server.bytes().dump(key.key());
    }

    private static String digest(RedisServer of, RdbItem.Key key) {
        return Objects.requireNonNull(of.bytes()
                        .dispatch(
                                CommandType.DEBUG,
                                new ArrayOutput<>(ByteArrayCodec.INSTANCE),
                                new CommandArgs<>(ByteArrayCodec.INSTANCE)
                                        .add("DIGEST-VALUE")
                                        .addKey(key.key())))
                .stream()
                .map(each -> each instanceof byte[] text ? new String(text, ISO_8859_1) : String.valueOf(each))
                .toList()
                .toString();
    }
}
