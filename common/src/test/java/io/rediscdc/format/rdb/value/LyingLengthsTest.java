package io.rediscdc.format.rdb.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.model.Flavour;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is in memory grows with what has arrived, and never beyond the limits. */
class LyingLengthsTest {

    private static final long MOST_ALLOCATED = 2 << 20;
    private static final long[] LENGTHS = {1 << 20, Integer.MAX_VALUE, 1L << 32, 1L << 40, Long.MAX_VALUE, -1};
    private static final Random RANDOM = new Random(5);

    @ParameterizedTest
    @EnumSource(RdbType.class)
    void lengthsAreNotBelieved(RdbType type) {
        Flavour flavour = type.isIn(Flavour.REDIS) ? Flavour.REDIS : Flavour.VALKEY;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (long length : LENGTHS) {
            for (int lie = 0; lie < 4; lie++) {
                byte[] payload = DumpPayload.of(type, lie(length, lie), type.minimumVersion());
                long before = threads.getCurrentThreadAllocatedBytes();
                RedisCdcException e = catchThrowableOfType(
                        RedisCdcException.class,
                        () -> DumpDecoder.decode(payload, flavour, DecodeLimits.DEFAULT, new EventLog()));
                assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_ALLOCATED);
                assertThat(e).as("%s, length %d", type, length).isNotNull();
                assertThat(e.category()).isIn(Category.PROTOCOL, Category.UNSUPPORTED);
            }
        }
    }

    /** As the length or number of what comes first, as that of its first element, as compressed lengths, behind a time. */
    private static byte[] lie(long length, int lie) {
        RdbEncoder value = new RdbEncoder(new Random(lie));
        switch (lie) {
            case 0 -> value.length(length);
            case 1 -> value.length(1).length(length);
            case 2 -> value.littleEndian(0xc3, 1).length(6).length(length);
            default -> value.littleEndian(1_700_000_000_000L, 8).length(length);
        }
        return value.littleEndian(0x0102030405060708L, 8).bytes();
    }

    @Test
    void elementsBeyondTheLimitAreNamed() {
        RdbEncoder list = new RdbEncoder(RANDOM).length(2).string(new byte[10]).string(new byte[5_000]);
        RedisCdcException e = failure(RdbType.LIST, list, new DecodeLimits(4_999, 100, 100, "max.some.bytes"));
        assertThat(e.category()).isEqualTo(Category.UNSUPPORTED);
        assertThat(e).hasMessageContaining("5000 bytes").hasMessageContaining("max.some.bytes = 4999");
        assertThat(e).hasMessageMatching(".*at byte \\d+ of the RDB.*");
    }

    @Test
    void stringsHaveNoLimitAndComeInPieces() throws IOException {
        for (int length : new int[] {0, 1, 99, 100, 101, 50_000}) {
            byte[] text = new byte[length];
            new Random(length).nextBytes(text);
            byte[] repetitive = new byte[length];
            for (byte[] string : new byte[][] {text, repetitive}) {
                byte[] value = new RdbEncoder(RANDOM).string(string).bytes();
                Pieces pieces = new Pieces();
                new ValueDecoder(new ArrayInput(value), new DecodeLimits(1, 100, 1, "the limit"))
                        .decode(RdbType.STRING, pieces);
                assertThat(pieces.length).isEqualTo(length);
                assertThat(pieces.longest).isLessThanOrEqualTo(100);
                assertThat(pieces.count).isEqualTo(Math.max(1, (length + 99) / 100));
                assertThat(pieces.ended).isTrue();
            }
        }
    }

    @Test
    void pendingEntriesBeyondTheLimitAreNamed() {
        RdbEncoder stream =
                new RdbEncoder(RANDOM).length(0).length(0).id(StreamId.ZERO).length(1);
        stream.string(new byte[] {'g'}).id(StreamId.ZERO).length(1_000);
        for (int i = 1; i <= 1_000; i++) {
            stream.rawId(new StreamId(i, 0)).littleEndian(1_700_000_000_000L, 8).length(1);
        }
        RedisCdcException e =
                failure(RdbType.STREAM_LISTPACKS, stream, new DecodeLimits(1_000, 100, 2_000, "the limit"));
        assertThat(e.category()).isEqualTo(Category.UNSUPPORTED);
        assertThat(e).hasMessageContaining("pending entries").hasMessageContaining("2000 bytes");
    }

    private static RedisCdcException failure(RdbType type, RdbEncoder value, DecodeLimits limits) {
        byte[] payload = DumpPayload.of(type, value.bytes(), type.minimumVersion());
        RedisCdcException e = catchThrowableOfType(
                RedisCdcException.class, () -> DumpDecoder.decode(payload, Flavour.REDIS, limits, new EventLog()));
        assertThat(e).isNotNull();
        return e;
    }

    private static final class Pieces implements ValueVisitor {

        private long length;
        private int longest;
        private int count;
        private boolean ended;

        @Override
        public void string(byte[] piece, boolean last) {
            assertThat(ended).isFalse();
            length += piece.length;
            longest = Math.max(longest, piece.length);
            count++;
            ended = last;
        }

        @Override
        public void listElement(byte[] element) {
            throw new AssertionError();
        }

        @Override
        public void setMember(byte[] member) {
            throw new AssertionError();
        }

        @Override
        public void zsetMember(byte[] member, double score) {
            throw new AssertionError();
        }

        @Override
        public void hashField(byte[] field, byte[] value, long expireAtMs) {
            throw new AssertionError();
        }

        @Override
        public StreamVisitor stream() {
            throw new AssertionError();
        }
    }
}
