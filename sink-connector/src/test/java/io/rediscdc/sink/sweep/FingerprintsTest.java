package io.rediscdc.sink.sweep;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FingerprintsTest {

    private static final int KEYS = 50_000;
    private static final long SMALL = 64 * 1024;

    @Test
    void areThoseOfThePublishedAlgorithm() {
        assertThat(hash("")).isEqualTo(0xEF46DB3751D8E999L);
        assertThat(hash("a")).isEqualTo(0xD24EC4F1A98C6E5BL);
        assertThat(hash("abc")).isEqualTo(0x44BC2CF5AD770999L);
        assertThat(hash("Nobody inspects the spammish repetition")).isEqualTo(0xFBCEA83C8A378BF1L);
        assertThat(Fingerprint.of(1, new byte[0])).isNotEqualTo(hash(""));
    }

    @Test
    void areFoundAgainInMemory() {
        try (Fingerprints fingerprints = filled(64 * 1024 * 1024)) {
            assertThat(fingerprints.passes()).isEqualTo(1);
            assertFound(fingerprints, 1);
        }
    }

    @Test
    void areFoundAgainInFilesPassByPass() {
        try (Fingerprints fingerprints = filled(SMALL)) {
            int passes = fingerprints.passes();
            assertThat(passes).isBetween(KEYS / 3072, KEYS / 3072 * 2);
            assertFound(fingerprints, passes);
        }
    }

    @Test
    void nameTheOptionWhereTheBudgetIsFarTooSmall() {
        try (Fingerprints fingerprints = new Fingerprints(SMALL)) {
            for (int i = 0; i < 4_000; i++) {
                fingerprints.add(i);
            }
            assertThatThrownBy(fingerprints::passes).hasMessageContaining("sweep.memory.bytes");
        }
    }

    private static Fingerprints filled(long memory) {
        Fingerprints fingerprints = new Fingerprints(memory);
        Random random = new Random(1);
        fingerprints.add(0);
        for (int i = 0; i < KEYS; i++) {
            fingerprints.add(random.nextLong());
        }
        return fingerprints;
    }

    private static void assertFound(Fingerprints fingerprints, int passes) {
        int found = 0;
        int strangers = 0;
        int covered = 0;
        for (int pass = 0; pass < passes; pass++) {
            fingerprints.begin(pass);
            Random random = new Random(1);
            for (int i = 0; i < 2 * KEYS; i++) {
                long fingerprint = random.nextLong();
                if (fingerprints.covers(fingerprint)) {
                    covered++;
                    boolean contained = fingerprints.contains(fingerprint);
                    found += contained && i < KEYS ? 1 : 0;
                    strangers += contained && i >= KEYS ? 1 : 0;
                }
            }
        }
        assertThat(covered).isEqualTo(2 * KEYS);
        assertThat(found).isEqualTo(KEYS);
        assertThat(strangers).isZero();
    }

    private static long hash(String text) {
        return Fingerprint.of(0, text.getBytes(US_ASCII));
    }
}
