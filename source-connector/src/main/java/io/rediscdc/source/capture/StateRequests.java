package io.rediscdc.source.capture;

import io.rediscdc.model.ChangeKey;
import java.util.List;

/** Keys whose state somebody wants to have in the history, whatever the history says of them. */
public interface StateRequests {

    /** Nobody wants any. */
    StateRequests NONE = max -> List.of();

    /** Takes some of them out, without waiting. */
    List<ChangeKey> take(int max);
}
