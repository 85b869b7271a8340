package io.rediscdc.chaos;

import java.util.Random;

/** What goes wrong. Each ends with everything in its place again; that it works again is for the flow to show. */
enum Fault {
    WORKER(2, "worker killed") {
        @Override
        void inflict(ChaosBed bed, Writer writer, Random random) {
            bed.worker().kill();
            pause(random.nextInt(1000));
            bed.worker().start();
        }
    },
    BROKER(2, "broker killed") {
        @Override
        void inflict(ChaosBed bed, Writer writer, Random random) {
            bed.broker().kill();
            pause(random.nextInt(3000));
            bed.broker().start();
        }
    },
    SOURCE_LINK(4, "source connection cut") {
        @Override
        void inflict(ChaosBed bed, Writer writer, Random random) {
            for (int i = random.nextInt(3); i >= 0; i--) {
                bed.source().cut();
                pause(random.nextInt(500));
            }
        }
    },
    SOURCE_SILENCE(3, "source silent, then cut") {
        @Override
        void inflict(ChaosBed bed, Writer writer, Random random) {
            bed.source().mute();
            pause(200 + random.nextInt(2000));
            bed.source().cut();
            bed.source().unmute();
        }
    },
    TARGET_LINK(4, "target connection cut") {
        @Override
        void inflict(ChaosBed bed, Writer writer, Random random) {
            for (int i = random.nextInt(3); i >= 0; i--) {
                bed.targetFront().cut();
                pause(random.nextInt(500));
            }
        }
    },
    TARGET_SILENCE(4, "target's replies lost, then cut") {
        @Override
        void inflict(ChaosBed bed, Writer writer, Random random) {
            bed.targetFront().mute();
            pause(20 + random.nextInt(1000));
            bed.targetFront().cut();
            bed.targetFront().unmute();
        }
    },
    TARGET(3, "target killed") {
        @Override
        void inflict(ChaosBed bed, Writer writer, Random random) {
            bed.target().kill();
            pause(random.nextInt(1000));
            bed.target().start();
        }
    },
    SOURCE_REPLICA(2, "source replica killed") {
        @Override
        void inflict(ChaosBed bed, Writer writer, Random random) {
            bed.source().awaitReplica();
            bed.source().restartReplica();
        }
    },
    PROMOTION(3, "source master killed, nothing lost") {
        @Override
        void inflict(ChaosBed bed, Writer writer, Random random) {
            writer.pause();
            try {
                bed.source().awaitReplica();
                bed.source().killMaster();
                pause(random.nextInt(1000));
                bed.source().promoteReplica();
            } finally {
                writer.resume();
            }
        }
    },
    PROMOTION_AT_ONCE(2, "source master killed in mid-writing") {
        @Override
        void inflict(ChaosBed bed, Writer writer, Random random) {
            bed.source().awaitReplica();
            pause(random.nextInt(500));
            bed.source().killMaster();
            pause(random.nextInt(1000));
            bed.source().promoteReplica();
        }
    },
    PROMOTION_BEHIND(1, "source master killed, replica behind") {
        @Override
        void inflict(ChaosBed bed, Writer writer, Random random) {
            bed.source().awaitReplica();
            bed.source().leaveReplicaBehind();
            pause(300 + random.nextInt(2000));
            bed.source().killMaster();
            bed.source().promoteReplica();
        }
    };

    private final int share;
    private final String text;

    Fault(int share, String text) {
        this.share = share;
        this.text = text;
    }

    /** Does it; returns when all servers run again. */
    abstract void inflict(ChaosBed bed, Writer writer, Random random);

    /** How often it comes, beside the others. */
    int share() {
        return share;
    }

    /** Whether it kills a source server: two of them in a row could take the backlog with them. */
    boolean killsSource() {
        return this == PROMOTION || this == PROMOTION_AT_ONCE || this == PROMOTION_BEHIND || this == SOURCE_REPLICA;
    }

    @Override
    public String toString() {
        return text;
    }

    private static void pause(int ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
