package io.rediscdc.benchmarks.tool;

import java.util.function.Supplier;

/** Where a tool's broker and worker come from: new ones each time, or the same ones again, which are warm then. */
public abstract class Platforms implements AutoCloseable {

    /** One that is ready. */
    abstract Platform take();

    /** Whether the first use of it is not yet what the others are. */
    abstract boolean isWarm();

    /** It is not used any more by who took it. */
    abstract void giveBack(Platform platform);

    @Override
    public abstract void close();

    /** A new one each time, which ends when it is given back. */
    public static Platforms cold(Supplier<Platform> start) {
        return new Platforms() {

            private Platform taken;

            @Override
            boolean isWarm() {
                return false;
            }

            @Override
            Platform take() {
                taken = start.get();
                return taken;
            }

            @Override
            void giveBack(Platform platform) {
                platform.close();
                taken = null;
            }

            @Override
            public void close() {
                if (taken != null) {
                    giveBack(taken);
                }
            }
        };
    }

    /** The same one each time, started when it is first taken. */
    public static Platforms warm(Supplier<Platform> start) {
        return new Platforms() {

            private Platform platform;

            @Override
            boolean isWarm() {
                return true;
            }

            @Override
            Platform take() {
                if (platform == null) {
                    platform = start.get();
                }
                return platform;
            }

            @Override
            void giveBack(Platform used) {
                // kept
            }

            @Override
            public void close() {
                if (platform != null) {
                    platform.close();
                    platform = null;
                }
            }
        };
    }
}
