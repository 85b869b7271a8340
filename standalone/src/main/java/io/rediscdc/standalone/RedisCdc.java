package io.rediscdc.standalone;

import io.rediscdc.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line {@code redis-cdc}. */
@Command(
        name = "redis-cdc",
        mixinStandardHelpOptions = true,
        versionProvider = RedisCdc.VersionText.class,
        synopsisSubcommandLabel = "(replicate | compare)",
        description = "Replicates Redis through Kafka Connect, with a broker and a worker of its own.",
        footer = {
            "",
            "Addresses are redis://[user:password@]host[:port]. A password in an argument can be seen by others on this "
                    + "machine: put the arguments into a file that only you can read, and name it as @FILE."
        },
        subcommands = {ReplicateCommand.class, CompareCommand.class})
public final class RedisCdc {

    /** Exit codes beside 0. */
    static final int FAILED = 1;

    static final int USAGE = 2;

    private RedisCdc() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new RedisCdc())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(100)
                .setParameterExceptionHandler((e, args) -> {
                    // The usage in full would push the message off the screen.
                    return Console.error(
                            e.getMessage() + "; see "
                                    + e.getCommandLine().getCommandSpec().qualifiedName() + " --help",
                            USAGE);
                });
    }

    /** Of the build, as the connectors name it. */
    static final class VersionText implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"redis-cdc " + Version.text()};
        }
    }
}
