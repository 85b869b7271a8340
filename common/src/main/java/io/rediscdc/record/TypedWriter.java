package io.rediscdc.record;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.DumpDecoder;
import io.rediscdc.format.rdb.value.StreamVisitor;
import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.model.State;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the elements of a value into the fields of {@link ChangeSchema#VALUE} for its type. What comes back from there by any
 * converter is the same value, or it is not put there. Not thread-safe.
 */
final class TypedWriter implements ValueVisitor {

    private static final Logger LOG = LoggerFactory.getLogger(TypedWriter.class);

    /** What JSON puts around the numbers and strings of a member or field, and the largest number. */
    private static final int JSON_MEMBER = 50;

    private static final int JSON_FIELD = 65;

    /** The value has to stay a dump. */
    private static final class NotTypedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private NotTypedException(String why) {
            super(why, null, false, false);
        }
    }

    private final DecodeLimits limits;
    private final long maxBytes;

    private Field field;
    private Object value;
    private List<Object> elements;
    private TypedStreamWriter stream;

    /** Bytes that the value takes as JSON, which is what makes it longest: with names, and binary in base64. */
    private long jsonBytes;

    /** @param maxBytes the largest value, in bytes of JSON; larger ones stay dumps */
    TypedWriter(int maxBytes) {
        this.maxBytes = maxBytes;
        this.limits = new DecodeLimits(maxBytes, maxBytes, maxBytes, "the largest typed value");
    }

    /**
     * Puts the value of a state into the field of its type.
     *
     * @return false if the value cannot be there as it is, and was not put
     */
    boolean write(State state, UncheckedStruct to) {
        begin(state.type());
        byte[] dump = state.dump();
        if (field == null || (dump != null && DumpPayload.hasKeyMeta(dump, state.flavour()))) {
            return false;
        }
        try {
            if (dump == null) {
                state.value().visit(this);
            } else {
                DumpDecoder.decode(dump, state.flavour(), limits, this);
            }
            if (stream != null) {
                value = stream.struct();
            }
        } catch (NotTypedException e) {
            LOG.debug("A value of type {} stays as it is: {}", state.type(), e.getMessage());
            return false;
        } catch (RedisCdcException e) {
            // Too large an element, or an encoding not known here, or damage: for whoever gets the dump to judge.
            LOG.debug("A value of type {} stays as it is", state.type(), e);
            return false;
        } finally {
            stream = null;
            elements = null;
        }
        to.set(field, value);
        value = null;
        return true;
    }

    private void begin(String type) {
        field = TypedSchemas.field(type);
        boolean isArray = field != null && field.schema().type() == Schema.Type.ARRAY;
        elements = isArray ? new ArrayList<>() : null;
        value = elements;
        jsonBytes = 0;
    }

    @Override
    public void string(byte[] piece, boolean last) {
        if (!last) {
            throw tooLarge();
        }
        count(base64(piece));
        value = piece;
    }

    @Override
    public void listElement(byte[] element) {
        count(base64(element));
        elements.add(element);
    }

    @Override
    public void setMember(byte[] member) {
        listElement(member);
    }

    /** JSON has no infinite numbers, and JsonConverter reads them as 0; it drops the sign of a zero, too. */
    @Override
    public void zsetMember(byte[] member, double score) {
        if (!Double.isFinite(score) || (score == 0 && 1 / score < 0)) {
            throw new NotTypedException("a score is infinite, not a number or minus zero");
        }
        count(JSON_MEMBER + base64(member));
        UncheckedStruct struct = new UncheckedStruct(TypedSchemas.ZSET_MEMBER);
        struct.set(TypedSchemas.MEMBER, member);
        struct.set(TypedSchemas.SCORE, score);
        elements.add(struct);
    }

    @Override
    public void hashField(byte[] name, byte[] fieldValue, long expireAtMs) {
        count(JSON_FIELD + base64(name) + base64(fieldValue));
        UncheckedStruct struct = new UncheckedStruct(TypedSchemas.HASH_FIELD);
        struct.set(TypedSchemas.HASH_FIELD_NAME, name);
        struct.set(TypedSchemas.HASH_FIELD_VALUE, fieldValue);
        if (expireAtMs != NEVER) {
            struct.set(TypedSchemas.HASH_FIELD_EXPIRE_AT_MS, expireAtMs);
        }
        elements.add(struct);
    }

    @Override
    public StreamVisitor stream() {
        stream = new TypedStreamWriter(this);
        return stream;
    }

    /** Something more that takes so many bytes of JSON. */
    void count(long bytes) {
        jsonBytes += bytes;
        if (jsonBytes > maxBytes) {
            throw tooLarge();
        }
    }

    /** In quotes, with a comma. */
    static long base64(byte[] bytes) {
        return (bytes.length + 2L) / 3 * 4 + 3;
    }

    /** The stream has something for which there is no field. */
    static RuntimeException notTyped(String why) {
        return new NotTypedException(why);
    }

    private NotTypedException tooLarge() {
        return new NotTypedException("as JSON it has more than " + maxBytes + " bytes");
    }
}
