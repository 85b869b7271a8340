package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.source.replica.StateReader.Purpose;

/**
 * What a user must be allowed for states to be read, for the message where a server refuses.
 *
 * @param username ACL user, null for the default one
 * @param clustered whether the server is a cluster's
 */
record StateRights(Purpose purpose, String username, boolean clustered) {

    /**
     * What to throw.
     *
     * @param what was asked for
     * @param exactExpiry whether it is PEXPIRETIME that times are asked by
     * @return CONFIG where trying again does not help, or is the business of who has asked; else CONNECTION
     */
    RedisCdcException refused(RedisAddress node, String what, Reply reply, boolean exactExpiry) {
        String said = reply instanceof Reply.Nil ? "nothing" : reply.isFailure() ? reply.text() : "something else";
        // Busy with a script, loading and the like pass; who is not allowed to stays so.
        boolean isForGood = said.startsWith("NOPERM") || said.startsWith("EXECABORT") || said.contains("unknown ");
        return new RedisCdcException(
                purpose == Purpose.REPAIR || isForGood ? Category.CONFIG : Category.CONNECTION,
                node + " answered " + what + " with: " + said + "; "
                        + (purpose == Purpose.REPAIR ? "repairs need" : "change.format=state needs") + " ACL SETUSER "
                        + (username == null ? "default" : username)
                        + (purpose == Purpose.REPAIR ? "" : " +psync +replconf +ping") + " ~* "
                        + (clustered ? "+asking " : "") + "+multi +exec +select +dump +"
                        + (exactExpiry ? "pexpiretime" : "pttl +time")
                        + " +info +memory|usage");
    }
}
