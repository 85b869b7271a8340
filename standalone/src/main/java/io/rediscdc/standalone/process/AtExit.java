package io.rediscdc.standalone.process;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What must happen before this JVM ends, in a known order: one shutdown hook that runs the actions one by one, the
 * latest registered first. (Hooks of their own would run all at once, and a broker would die before its worker.)
 */
public final class AtExit {

    private static final Deque<Runnable> ACTIONS = new ArrayDeque<>();
    private static boolean hooked;

    private AtExit() {}

    /** Registers an action that runs before all that are registered so far. It must end by itself. */
    public static void run(Runnable action) {
        synchronized (ACTIONS) {
            hook();
            ACTIONS.push(action);
        }
    }

    /** Registers an action that runs after all that are registered so far. */
    static void runLate(Runnable action) {
        synchronized (ACTIONS) {
            hook();
            ACTIONS.addLast(action);
        }
    }

    /** Forgets an action; does nothing if it is unknown or running already. */
    public static void forget(Runnable action) {
        synchronized (ACTIONS) {
            ACTIONS.remove(action);
        }
    }

    private static void hook() {
        if (!hooked) {
            Runtime.getRuntime().addShutdownHook(new Thread(AtExit::runAll, "at-exit"));
            hooked = true;
        }
    }

    private static void runAll() {
        while (true) {
            Runnable action;
            synchronized (ACTIONS) {
                action = ACTIONS.poll();
            }
            if (action == null) {
                return;
            }
            action.run();
        }
    }
}
