package io.rediscdc.sink;

import io.rediscdc.sink.target.TargetConnection;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * What the option {@code delivery} decides, all of it: how a writer reads the checkpoint, which commands stand around a
 * batch's changes, and by what it is known that nobody else writes.
 */
enum DeliveryMode {
    /** Changes and checkpoint in one MULTI/EXEC, fenced by WATCH. */
    EXACTLY_ONCE {
        @Override
        Map<String, String> readCheckpoint(TargetConnection connection, CheckpointKey key) {
            return connection.watch(key.bytes());
        }

        @Override
        BatchFrame newFrame(CheckpointKey key, FailureMark mark, BooleanSupplier transactions) {
            return new TransactionFrame(key, mark);
        }

        /** The writer after the batch: nobody has come between it and the next. */
        @Override
        boolean isHeldBy(WriterId self, WriterId found) {
            return self.equals(found);
        }

        @Override
        String whatARefusalLeaves() {
            return "nothing of its batch has been applied";
        }
    },

    /** Changes, then the checkpoint, in one pipeline: no MULTI, but for transactions of the source, and no WATCH. */
    AT_LEAST_ONCE {
        @Override
        Map<String, String> readCheckpoint(TargetConnection connection, CheckpointKey key) {
            return connection.fields(key.bytes());
        }

        @Override
        BatchFrame newFrame(CheckpointKey key, FailureMark mark, BooleanSupplier transactions) {
            return new PipelineFrame(key, transactions);
        }

        /**
         * The writer before the batch. One who came before us and wrote once more has only repeated something; he finds
         * us at his next batch.
         */
        @Override
        boolean isHeldBy(WriterId self, WriterId found) {
            return found.compareTo(self) <= 0;
        }

        @Override
        String whatARefusalLeaves() {
            return "the checkpoint still stands before its batch, but what of the batch was not refused has been applied, and is"
                    + " applied again (delivery=at_least_once)";
        }
    };

    /** The hash's fields; from here on whoever else writes it is noticed as far as the mode allows. */
    abstract Map<String, String> readCheckpoint(TargetConnection connection, CheckpointKey key);

    /**
     * @param mark for batches whose errors must not be missed
     * @param transactions whether the target permits MULTI; asked when a batch is begun
     */
    abstract BatchFrame newFrame(CheckpointKey key, FailureMark mark, BooleanSupplier transactions);

    /** Whether a batch of this writer's was its own affair, given the writer that its replies name. */
    abstract boolean isHeldBy(WriterId self, WriterId found);

    /** What is to be said of a batch whose checkpoint was not written, because the target refused something. */
    abstract String whatARefusalLeaves();

    /** As the option has it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static DeliveryMode parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
