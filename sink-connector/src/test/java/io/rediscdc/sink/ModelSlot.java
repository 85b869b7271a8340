package io.rediscdc.sink;

/** A slot of {@link MovingSlots}: whose it is, and who imports it, key by key or as a whole. */
final class ModelSlot {

    private final int number;
    private ModelShard owner;
    private ModelShard importer;
    private AtomicMove atomic;

    /** @param number as {@link ModelKeys} counts them */
    ModelSlot(int number, ModelShard owner) {
        this.number = number;
        this.owner = owner;
    }

    int number() {
        return number;
    }

    /** As Redis numbers it. */
    int hashSlot() {
        return ModelKeys.hashSlot(number);
    }

    String key(int i) {
        return ModelKeys.key(number, i);
    }

    ModelShard owner() {
        return owner;
    }

    /** Null if it is not moving. */
    ModelShard importer() {
        return importer;
    }

    /** Null if it is not moving as a whole. */
    AtomicMove atomic() {
        return atomic;
    }

    boolean isMoving() {
        return importer != null;
    }

    boolean isMovingByKeys() {
        return importer != null && atomic == null;
    }

    boolean isMovingAsAWhole() {
        return atomic != null;
    }

    void beginMove(ModelShard to) {
        importer = to;
    }

    /** The move that has begun is one as a whole. */
    void begin(AtomicMove asAWhole) {
        atomic = asAWhole;
    }

    /** It is the importer's, or stays where it is. */
    void endMove(boolean success) {
        if (success) {
            owner = importer;
        }
        importer = null;
        atomic = null;
    }
}
