package io.rediscdc.standalone.process;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What must happen before this JVM ends, in a known order: one shutdown hook that runs the actions one by one, the
 * latest registered first. (Hooks of their own would run all at once, and a broker would die before its worker.)
 */
public final class AtExit {

    private static final Deque<Runnable> FIRST = new ArrayDeque<>();
    private static final Deque<Runnable> ACTIONS = new ArrayDeque<>();
    private static boolean hooked;

    private AtExit() {}

    /** Registers an action that runs before all that are registered so far. It must end by itself. */
    public static void run(Runnable action) {
        push(ACTIONS, action);
    }

    /** Registers an action that runs before all of {@link #run}, whenever they are registered: an orderly stop. */
    public static void runFirst(Runnable action) {
        push(FIRST, action);
    }

    /** Forgets an action; does nothing if it is unknown or running already. */
    public static void forget(Runnable action) {
        synchronized (ACTIONS) {
            FIRST.remove(action);
            ACTIONS.remove(action);
        }
    }

    private static void push(Deque<Runnable> actions, Runnable action) {
        synchronized (ACTIONS) {
            if (!hooked) {
                Runtime.getRuntime().addShutdownHook(new Thread(AtExit::runAll, "at-exit"));
                hooked = true;
            }
            actions.push(action);
        }
    }

    private static void runAll() {
        while (true) {
            Runnable action;
            synchronized (ACTIONS) {
                action = FIRST.isEmpty() ? ACTIONS.poll() : FIRST.poll();
            }
            if (action == null) {
                return;
            }
            action.run();
        }
    }
}
