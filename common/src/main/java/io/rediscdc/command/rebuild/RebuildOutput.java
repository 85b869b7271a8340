package io.rediscdc.command.rebuild;

/** Takes the commands that rebuild a value, in order. */
public interface RebuildOutput {

    /** A command, its name first. Arrays are shared between commands: not to be changed. */
    void command(byte[][] args);

    /**
     * Something of the value that the target cannot hold; called for each field, member, consumer or entry concerned, before
     * the command that lacks it. May throw, which ends the rebuilding.
     */
    void unsupported(Unsupported what);
}
