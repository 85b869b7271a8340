package io.rediscdc;

import java.util.Map;

/** A server, a group that Sentinel watches, or a cluster: what a flow can read or write. Ends with the test. */
interface Deployment extends AutoCloseable {

    /** How a connector is told of it. */
    Map<String, String> options();

    boolean isCluster();

    /** Executes a command wherever its keys are now, also while a master is being replaced. For one thread. */
    void write(String... command);

    /**
     * Runs the live mix, with as much of it as both ends of a flow can have.
     *
     * @param prefix of its keys
     * @param oneDatabase whether no other than database 0 is to be used
     */
    void mix(String prefix, boolean oneDatabase);

    /** Kills a master and waits until its replica is one; nothing where there is none. */
    void failOver() throws InterruptedException;

    /** Of each key, by database and name, the digest of its value and when it expires; without what is reserved. */
    Map<String, String> contents();

    @Override
    void close();

    /** Adds what one server has. */
    static void addContents(Map<String, String> contents, RedisClientOf server) {
        for (String line : server.text("INFO", "keyspace").split("\r\n", -1)) {
            if (line.startsWith("db")) {
                String db = line.substring(2, line.indexOf(':'));
                server.call("SELECT", db);
                server.contents().forEach((key, value) -> contents.put(db + " " + key, value));
            }
        }
        server.call("SELECT", 0);
    }
}
