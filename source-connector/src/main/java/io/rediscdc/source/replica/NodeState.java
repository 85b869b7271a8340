package io.rediscdc.source.replica;

import java.util.HashMap;
import java.util.Map;

/**
 * What a server says of its part in replication (INFO replication). The offsets are of its shard's history, which are the
 * same on all nodes of it.
 *
 * @param role MASTER where it cannot be known
 * @param inStep of a replica: whether its link to the master is up; true of a master
 * @param replid null if the server did not say
 * @param formerReplid of the history that its own continues, up to and with the byte before {@code formerEnd}
 * @param backlogStart offset of the first byte it still has
 * @param backlogBytes how many it has from there on, 0 for none
 * @param backlogSize how many it could have (repl-backlog-size)
 */
record NodeState(
        Role role,
        boolean inStep,
        String replid,
        String formerReplid,
        long formerEnd,
        long backlogStart,
        long backlogBytes,
        long backlogSize) {

    enum Role {
        MASTER,
        REPLICA
    }

    /** Whether a server can go on from a point by partial resynchronisation. */
    enum Continuation {
        POSSIBLE,
        /** It has the same history, but not yet up to the point. */
        BEHIND,
        IMPOSSIBLE,
        UNKNOWN
    }

    static final NodeState UNKNOWN = new NodeState(Role.MASTER, true, null, null, 0, 0, 0, 0);

    /** Reads from INFO's text up to which offset the server has executed its history; -1 if it does not say. */
    static long offset(String info) {
        return number(fields(info), "master_repl_offset", -1);
    }

    /** Reads from INFO's text which history that is; null if it does not say, as before Redis 4. */
    static String replid(String info) {
        return fields(info).get("master_replid");
    }

    /** Reads INFO's text; fields that older servers do not have count as none. */
    static NodeState parse(String info) {
        Map<String, String> fields = fields(info);
        if (!fields.containsKey("master_replid")) {
            return UNKNOWN;
        }
        boolean replica = "slave".equals(fields.get("role"));
        return new NodeState(
                replica ? Role.REPLICA : Role.MASTER,
                !replica || "up".equals(fields.get("master_link_status")),
                fields.get("master_replid"),
                fields.get("master_replid2"),
                number(fields, "second_repl_offset"),
                number(fields, "repl_backlog_first_byte_offset"),
                number(fields, "repl_backlog_histlen"),
                number(fields, "repl_backlog_size"));
    }

    boolean isMaster() {
        return role == Role.MASTER;
    }

    /** Offset of the last byte of its history; 0 if it did not say. */
    long end() {
        return Math.max(0, backlogStart + backlogBytes - 1);
    }

    /** As the server decides it (replication.c, masterTryPartialResync). */
    Continuation continuation(ResumePoint from) {
        if (!from.isPartial() || replid == null) {
            return Continuation.UNKNOWN;
        }
        long wanted = from.offset() + 1;
        if (!isOf(from) || backlogBytes == 0 || wanted < backlogStart) {
            return Continuation.IMPOSSIBLE;
        }
        return wanted > backlogStart + backlogBytes ? Continuation.BEHIND : Continuation.POSSIBLE;
    }

    /** Why a point cannot be continued from, with numbers. */
    String whyNot(ResumePoint from) {
        long wanted = from.offset() + 1;
        if (replid == null) {
            return "does not say what it has (INFO is not allowed?)";
        }
        if (from.replid().equals(formerReplid) && wanted > formerEnd) {
            return "was promoted at offset " + (formerEnd - 1) + ", which is " + (wanted - formerEnd)
                    + " bytes before what has been read";
        }
        if (!isOf(from)) {
            return "has another history, " + replid;
        }
        if (backlogBytes == 0) {
            return "has no backlog";
        }
        if (wanted < backlogStart) {
            return "has a backlog of " + backlogSize + " bytes that begins at offset " + backlogStart + ", which is "
                    + (backlogStart - wanted) + " bytes beyond; raise repl-backlog-size there";
        }
        if (wanted <= backlogStart + backlogBytes) {
            return "had what follows a moment ago";
        }
        return "ends at offset " + (backlogStart + backlogBytes - 1) + ", which is "
                + (wanted - backlogStart - backlogBytes) + " bytes before";
    }

    /** Whether a history up to an offset is part of its own. */
    boolean shares(String history, long offset) {
        return history.equals(replid) || (history.equals(formerReplid) && offset < formerEnd);
    }

    /** Whether its history is the continuation of that former one, under that name. */
    boolean continues(String former, String history) {
        return history.equals(replid) && former.equals(formerReplid);
    }

    private boolean isOf(ResumePoint from) {
        return from.replid().equals(replid) || (from.replid().equals(formerReplid) && from.offset() + 1 <= formerEnd);
    }

    private static Map<String, String> fields(String info) {
        Map<String, String> fields = new HashMap<>();
        info.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).trim());
            }
        });
        return fields;
    }

    private static long number(Map<String, String> fields, String name) {
        return number(fields, name, 0);
    }

    private static long number(Map<String, String> fields, String name, long otherwise) {
        try {
            String number = fields.get(name);
            return number == null ? otherwise : Long.parseLong(number);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }
}
