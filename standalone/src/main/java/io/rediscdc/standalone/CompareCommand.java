package io.rediscdc.standalone;

import io.rediscdc.standalone.compare.ComparisonOptions;
import io.rediscdc.standalone.compare.ComparisonResult;
import io.rediscdc.standalone.compare.RedisComparison;
import io.rediscdc.standalone.redis.RedisConnectionException;
import io.rediscdc.standalone.redis.RedisErrorException;
import io.rediscdc.standalone.redis.RedisUri;
import io.rediscdc.standalone.replicate.Endpoint;
import io.rediscdc.standalone.replicate.Progress;
import io.rediscdc.standalone.replicate.UsageException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares two servers. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = {
            "Compares two servers key by key.",
            "",
            "Type, value and expiry count, in both directions, and function libraries. Both may be in use: a key that "
                    + "differs is looked at again before it counts. Keys that begin with __redis-cdc: are this program's "
                    + "own and are left out.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:equal", "1:different, or a server went away", "2:wrong arguments, or a server cannot be used"
        })
final class CompareCommand implements Callable<Integer> {

    @Parameters(
            index = "0",
            paramLabel = "SOURCE_URI",
            description = "redis://[user:password@]host[:port][/db]; with a db, only this one")
    private String source;

    @Parameters(index = "1", paramLabel = "TARGET_URI", description = "as SOURCE_URI; with a db if that has one")
    private String target;

    @Option(
            names = "--ttl-tolerance",
            paramLabel = "MS",
            defaultValue = "100",
            description = "how far apart expiry times may be, in ms (default: ${DEFAULT-VALUE})")
    private long toleranceMs;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "looks at a key that differs, before it counts (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--pause",
            paramLabel = "MS",
            defaultValue = "500",
            description = "between two looks, in ms (default: ${DEFAULT-VALUE})")
    private long pauseMs;

    @Option(
            names = "--examples",
            paramLabel = "N",
            defaultValue = "10",
            description = "how many differences to show (default: ${DEFAULT-VALUE})")
    private int examples;

    @Override
    public Integer call() {
        try {
            RedisUri sourceUri = Console.uri("SOURCE_URI", source);
            RedisUri targetUri = Console.uri("TARGET_URI", target);
            if ((sourceUri.database() == null) != (targetUri.database() == null)) {
                throw new UsageException("name a database in both addresses, or in none");
            }
            ComparisonResult result = compare(sourceUri, targetUri);
            Console.print(result);
            return result.isEqual() ? 0 : RedisCdc.FAILED;
        } catch (UsageException e) {
            return Console.error(e.getMessage(), RedisCdc.USAGE);
        } catch (RedisConnectionException | RedisErrorException e) {
            return Console.error(e.getMessage(), RedisCdc.FAILED);
        }
    }

    private ComparisonResult compare(RedisUri sourceUri, RedisUri targetUri) {
        try (Endpoint from = Endpoint.open("source", sourceUri);
                Endpoint to = Endpoint.open("target", targetUri);
                Progress progress = Console.progress()) {
            long total = from.keys();
            ComparisonOptions options = new ComparisonOptions(
                    Duration.ofMillis(toleranceMs),
                    rounds,
                    Duration.ofMillis(pauseMs),
                    examples,
                    sourceUri.database(),
                    to.uri().database());
            return RedisComparison.compare(
                    sourceUri, targetUri, options, keys -> progress.keys("compare", Math.min(keys, total), total));
        }
    }
}
