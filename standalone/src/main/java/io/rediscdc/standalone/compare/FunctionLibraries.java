package io.rediscdc.standalone.compare;

import io.rediscdc.standalone.redis.RedisConnection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the reply of FUNCTION LIST WITHCODE. */
final class FunctionLibraries {

    private FunctionLibraries() {}

    /** Code by library name; the order in which a server lists them is any. */
    static Map<String, String> codeByName(Object reply) {
        Map<String, String> libraries = new TreeMap<>();
        for (Object library : (List<?>) reply) {
            List<?> fields = (List<?>) library;
            String name = "";
            String code = "";
            for (int i = 0; i + 1 < fields.size(); i += 2) {
                String field = RedisConnection.string(fields.get(i));
                if (field.equals("library_name")) {
                    name = RedisConnection.string(fields.get(i + 1));
                } else if (field.equals("library_code")) {
                    code = RedisConnection.string(fields.get(i + 1));
                }
            }
            libraries.put(name, code);
        }
        return libraries;
    }
}
