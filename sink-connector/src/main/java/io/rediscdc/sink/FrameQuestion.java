package io.rediscdc.sink;

import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.CommandBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a {@link BatchFrame} asks the target beside the batch's changes. The order here is the one in which all are asked, and
 * so that of the answers, the bulk strings outside EXEC's reply; a frame leaves out only what comes last. ({@link
 * io.rediscdc.sink.target.BatchScript} says the first two unasked, in this order.)
 */
enum FrameQuestion {
    /** Who wrote the checkpoint; no answer if there is none. */
    WRITER {
        @Override
        void ask(CommandBuffer out, CheckpointKey key) {
            Checkpoint.readWriter(out, key);
        }
    },

    /** What the checkpoint says it is stuck at; no answer if it is not. */
    STUCK {
        @Override
        void ask(CommandBuffer out, CheckpointKey key) {
            Checkpoint.readStuck(out, key);
        }
    },

    /** What INFO counts, keys that the target has let go among it. */
    STATS {
        @Override
        void ask(CommandBuffer out, CheckpointKey key) {
            out.command(2).arg("INFO").arg("stats");
        }
    };

    private static final List<FrameQuestion> ALL = List.of(values());

    /** Adds only this question. */
    abstract void ask(CommandBuffer out, CheckpointKey key);

    /** Adds all questions up to this one. */
    void askAllUntilThis(CommandBuffer out, CheckpointKey key) {
        ALL.subList(0, ALL.indexOf(this) + 1).forEach(question -> question.ask(out, key));
    }

    /** What the target said to it; null if it had nothing to say, or was not asked. */
    String answerIn(BatchReplies replies) {
        List<byte[]> answers = replies.bulks();
        int place = ALL.indexOf(this);
        byte[] answer = place < answers.size() ? answers.get(place) : null;
        return answer == null ? null : new String(answer, StandardCharsets.UTF_8);
    }
}
