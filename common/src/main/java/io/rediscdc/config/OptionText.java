package io.rediscdc.config;

import io.rediscdc.error.RedisCdcException;
import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;

/** What a text among the options says: blank ones are as good as none. */
final class OptionText {

    private OptionText() {}

    /** Without blanks around it; null for none. */
    static String text(String value) {
        return value == null || value.isBlank() ? null : value.trim();
    }

    /** Null for none. */
    static String secret(Password password) {
        return isMissing(password) ? null : password.value();
    }

    static boolean isMissing(Password password) {
        return password == null || password.value() == null || password.value().isEmpty();
    }

    /**
     * A validator that tries whether a text can be parsed.
     *
     * @param form what the reference says of the text
     */
    static ConfigDef.Validator parsedBy(Consumer<String> parser, String form) {
        return ConfigDef.LambdaValidator.with(
                (name, value) -> {
                    if (value != null) {
                        try {
                            parser.accept((String) value);
                        } catch (RedisCdcException e) {
                            // Without the value: it may be a URI with a password in it.
                            throw new ConfigException(name + ": " + e.getMessage());
                        }
                    }
                },
                () -> form);
    }
}
