package io.rediscdc.standalone;

import io.rediscdc.standalone.process.ConnectRestException;
import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.process.ProcessException;
import io.rediscdc.standalone.redis.RedisConnectionException;
import io.rediscdc.standalone.redis.RedisErrorException;
import io.rediscdc.standalone.redis.RedisUri;
import io.rediscdc.standalone.replicate.FlowFailedException;
import io.rediscdc.standalone.replicate.Progress;
import io.rediscdc.standalone.replicate.ReplicationRun;
import io.rediscdc.standalone.replicate.ReplicationRun.Mode;
import io.rediscdc.standalone.replicate.ReplicationRun.Settings;
import io.rediscdc.standalone.replicate.StopSignal;
import io.rediscdc.standalone.replicate.UsageException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Replicates one server into another. */
@Command(
        name = "replicate",
        mixinStandardHelpOptions = true,
        description = {
            "Replicates all databases of a running Redis into another one.",
            "",
            "Starts a Kafka broker and a Connect worker on this machine, deploys the source and the sink connector over "
                    + "REST, and stops everything again. Without addresses, it starts two Redis servers of its own, fills "
                    + "one with keys of every type, and writes to it all the while.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:snapshot: complete, and both ends are equal; live: stopped by Ctrl-C or SIGTERM",
            "1:failed, or the ends differ",
            "2:wrong arguments or connector configuration, or a server cannot be used",
            "130:snapshot: interrupted"
        })
final class ReplicateCommand implements Callable<Integer> {

    private static final int INTERRUPTED = 130;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "SOURCE_URI",
            description = "redis://[user:password@]host[:port]; it is read as by a replica")
    private String source;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "TARGET_URI",
            description = "as SOURCE_URI; it is written to, and keeps the checkpoint")
    private String target;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "snapshot",
            description =
                    "snapshot: copy, follow until caught up, compare, end. live: follow until Ctrl-C; started again "
                            + "with the same arguments, go on where it stopped (default: ${DEFAULT-VALUE})")
    private Mode mode;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description =
                    "live: where Kafka keeps its data, for the next start "
                            + "(default: ~/.redis-cdc/flows/<source>-<target>). snapshot: where to make the temporary directory")
    private Path directory;

    @Option(
            names = "--worker-heap",
            paramLabel = "SIZE",
            defaultValue = ConnectWorker.DEFAULT_HEAP,
            description = "heap of the Connect worker, as in -Xmx (default: ${DEFAULT-VALUE})")
    private String workerHeap;

    @Option(
            names = "--history-hours",
            paramLabel = "N",
            defaultValue = "24",
            description = "how long Kafka keeps changes, if the target is away (default: ${DEFAULT-VALUE})")
    private int historyHours;

    @Option(
            names = "--allow-nonempty",
            description =
                    "write to a target that holds keys: those of the same name are replaced, all others stay and make "
                            + "the comparison fail")
    private boolean allowNonempty;

    @Override
    public Integer call() {
        try (StopSignal stop = new StopSignal()) {
            int code = run(stop);
            stop.finished(code);
            return code;
        }
    }

    private int run(StopSignal stop) {
        try (Progress progress = Console.progress()) {
            if ((source == null) != (target == null)) {
                throw new UsageException("name both SOURCE_URI and TARGET_URI, or none for a demonstration");
            }
            if (!workerHeap.matches("[1-9]\\d*[kKmMgG]?")) {
                throw new UsageException("--worker-heap: expected a size as in 512m");
            }
            if (historyHours < 1) {
                throw new UsageException("--history-hours: must be at least 1");
            }
            Settings settings = new Settings(mode, directory, workerHeap, historyHours, allowNonempty);
            ReplicationRun run = new ReplicationRun(settings, stop, progress, Console::print);
            boolean fine = source == null
                    ? run.demonstrate()
                    : run.replicate(uri("SOURCE_URI", source), uri("TARGET_URI", target));
            return fine ? 0 : RedisCdc.FAILED;
        } catch (UsageException e) {
            return Console.error(e.getMessage(), RedisCdc.USAGE);
        } catch (FlowFailedException
                | ProcessException
                | ConnectRestException
                | RedisConnectionException
                | RedisErrorException e) {
            if (!stop.isRequested()) {
                return Console.error(e.getMessage(), RedisCdc.FAILED);
            }
            // The line that a ^C stands on.
            System.err.println();
            Console.print(mode == Mode.LIVE ? "Stopped." : "Interrupted; the target is not complete.");
            return mode == Mode.LIVE ? 0 : INTERRUPTED;
        }
    }

    private static RedisUri uri(String argument, String text) {
        RedisUri uri = Console.uri(argument, text);
        if (uri.database() != null && uri.database() != 0) {
            throw new UsageException(argument + ": all databases are replicated; leave /" + uri.database() + " out");
        }
        return uri;
    }
}
