package io.rediscdc.sink.target;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.RespBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Has a node of a cluster execute commands for keys of any of its slots at once, or none of them: as one call of a script,
 * where a MULTI/EXEC must not leave one slot. (The keys are not declared, which scripts without a first line {@code #!}
 * may do; script.c, SCRIPT_ALLOW_CROSS_SLOT.)
 *
 * <p>Before anything is executed, the script sees whether the checkpoint still names this writer, whether the node says of
 * its slots what the writer knows, and whether it can be written to. Nothing of that can change while it runs. So neither
 * a writer who was replaced nor one with an old idea of the cluster writes anything, and no command meets MOVED or ASK. A
 * command that fails does not stop it, as inside EXEC; it then notes in the checkpoint's {@code stuck} how many did.
 *
 * <p>The array it answers with: {@code done, writer, stuck or nil, numbers of commands that answered 0 though they should
 * not, (number of a command, its error)...}; or {@code fenced, writer}; {@code moved, writer, slots}; {@code refused,
 * writer, error}. FUNCTION and SCRIPT, which scripts may not call, are sent before it: to repeat them does no harm. Used
 * again; not thread-safe.
 */
public final class BatchScript {

    /** What a node says of its own slots: numbers, ranges, and those that are being moved, with the other node's id. */
    public static final String OWN_SLOTS =
            "string.match(redis.call('CLUSTER','NODES'),'myself[^\\n]*connected ?([^\\n]*)')";

    /** In place of what the node is to say of its slots, where that does not matter. */
    public static final String ANY_SLOTS = "any";

    /** Name of a command that only this script knows: removes the keys of ranges of slots, but for those that are ours. */
    public static final String FLUSH_SLOTS = "FLUSHSLOTS";

    private static final byte[] SCRIPT = ascii("local k=KEYS[1] local w=redis.call('HGET',k,'writer')"
            + " if w~=ARGV[1] then return {'fenced',w} end"
            + " local s=" + OWN_SLOTS
            + " if ARGV[2]~='" + ANY_SLOTS + "' and s~=ARGV[2] then return {'moved',w,s} end"
            + " local p=redis.pcall local r=p('HSET',k,'writer',w)"
            + " if type(r)=='table' then return {'refused',w,r.err} end"
            + " local function flush(ranges) for a,b in string.gmatch(ranges,'(%d+)-(%d+)') do"
            + " for slot=tonumber(a),tonumber(b) do local m=redis.call('CLUSTER','COUNTKEYSINSLOT',slot)"
            + " if m>0 then for _,key in ipairs(redis.call('CLUSTER','GETKEYSINSLOT',slot,m)) do"
            + " if string.sub(key,1,12)~='__redis-cdc:' then redis.call('UNLINK',key) end end end end end end"
            + " local out,z,errors,number,i,n={'done',w,false,''},{},0,0,4,#ARGV"
            + " while i<=n do local c=ARGV[i]+0 local told=c<0 if told then c=-c end"
            + " if c==0 then r=flush(ARGV[i+1]) c=1 else r=p(unpack(ARGV,i+1,i+c)) end"
            + " if r==0 then if told then z[#z+1]=number end"
            + " elseif type(r)=='table' and r.err then errors=errors+1"
            + " if errors<=10000 then out[#out+1]=tostring(number) out[#out+1]=r.err end end"
            + " number=number+1 i=i+1+c end"
            + " if errors>0 then out[3]=errors..ARGV[3] redis.call('HSET',k,'stuck',out[3]) end"
            + " out[4]=table.concat(z,',') return out");

    /** EVAL script 1 key writer slots failure. */
    private static final int OWN_ARGS = 7;

    /** Lua's unpack ends at about 8,000 (LUAI_MAXCSTACK in luaconf.h). */
    public static final int MAX_ARGS = 7_000;

    private final RespBuffer before = new RespBuffer(1024);
    private final RespBuffer head = new RespBuffer(4 * 1024);
    private final RespBuffer body = new RespBuffer(16 * 1024);

    /** Numbers, in the buffer, of the script's commands and of those before it. */
    private int[] numbers = new int[256];

    private int count;
    private int[] numbersBefore = new int[4];
    private int countBefore;
    private int args;

    /** Where the arguments of the command that is being looked at begin, and one end more; among the buffer's bytes. */
    private int[] starts = new int[64];

    /**
     * Encodes the call.
     *
     * @param commands of which the first is left out; all in database 0
     * @param telling numbers of those whose answer 0 is to be told
     * @param slots what the node is to say of its slots
     * @param failure end of a sentence that begins with how many commands failed
     * @return valid until this is used again or the commands change
     */
    public ByteBuf encode(
            CommandBuffer commands, BitSet telling, byte[] key, String writer, String slots, String failure) {
        before.clear();
        head.clear();
        body.clear();
        count = 0;
        countBefore = 0;
        args = OWN_ARGS;
        byte[] bytes = commands.array();
        int at = 0;
        for (int number = 0; number < commands.commands(); number++) {
            int end = find(bytes, at);
            if (number > 0) {
                add(bytes, at, end, number, telling.get(number));
            }
            at = end;
        }
        head.begin(args)
                .arg("EVAL")
                .arg(SCRIPT)
                .arg(1)
                .arg(key)
                .arg(writer)
                .arg(slots)
                .arg(failure);
        return Unpooled.wrappedBuffer(
                Unpooled.wrappedBuffer(before.array(), 0, before.length()),
                Unpooled.wrappedBuffer(head.array(), 0, head.length()),
                Unpooled.wrappedBuffer(body.array(), 0, body.length()));
    }

    /** How many replies there will be; the last is the script's. */
    public int replies() {
        return countBefore + 1;
    }

    /** Number in the buffer of one of the script's commands. */
    public int number(int element) {
        return numbers[element];
    }

    /** Number in the buffer of one of the commands before the script; 0 for the script. */
    public int numberBefore(int reply) {
        return reply < countBefore ? numbersBefore[reply] : 0;
    }

    /** The script's numbers of commands, which have ascending numbers in the buffer. */
    public int[] elements(int[] ofNumbers) {
        int[] elements = new int[ofNumbers.length];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = Arrays.binarySearch(numbers, 0, count, ofNumbers[i]);
        }
        return elements;
    }

    private void add(byte[] bytes, int at, int end, int number, boolean told) {
        int n = starts[starts.length - 1];
        String special = name(bytes);
        switch (special) {
            case "SELECT" -> {}
            case "FUNCTION", "SCRIPT" -> {
                before.encoded(bytes, at, end - at);
                if (countBefore == numbersBefore.length) {
                    numbersBefore = Arrays.copyOf(numbersBefore, 2 * countBefore);
                }
                numbersBefore[countBefore++] = number;
            }
            case FLUSH_SLOTS -> {
                entry(number, 0);
                args(bytes, 1, 2);
            }
            case "DEL", "UNLINK" -> several(bytes, n, 1, 1, number);
            case "MSET" -> several(bytes, n, 1, 2, number);
            default -> {
                if (n > MAX_ARGS) {
                    pieces(bytes, n, number);
                } else {
                    entry(number, told ? -n : n);
                    args(bytes, 0, n);
                }
            }
        }
    }

    /** One command for each key: they may be of different slots. */
    private void several(byte[] bytes, int n, int first, int group, int number) {
        for (int i = first; i < n; i += group) {
            entry(number, first + group);
            args(bytes, 0, first);
            args(bytes, i, i + group);
        }
    }

    /** A command that adds or removes any number of elements, a part of them at a time: nobody sees it between. */
    private void pieces(byte[] bytes, int n, int number) {
        LongCommand shape = LongCommand.of(argument(bytes, 0));
        int first = shape == null ? 0 : shape.firstElement(n, i -> argument(bytes, i));
        if (first == 0) {
            throw tooLong(n, argument(bytes, 0));
        }
        int step = (MAX_ARGS - first) / shape.group() * shape.group();
        for (int i = first; i < n; i += step) {
            int until = Math.min(n, i + step);
            entry(number, first + until - i);
            args(bytes, 0, first);
            args(bytes, i, until);
        }
    }

    private static RedisCdcException tooLong(int n, String name) {
        return new RedisCdcException(
                Category.UNSUPPORTED,
                "a command of " + n + " arguments (" + name.replaceAll("[^A-Za-z0-9._|-]", "?")
                        + ") cannot be executed at a cluster");
    }

    private void entry(int number, int length) {
        if (count == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * count);
        }
        numbers[count++] = number;
        body.arg(length);
        args++;
    }

    private void args(byte[] bytes, int from, int until) {
        body.encoded(bytes, starts[from], starts[until] - starts[from]);
        args += until - from;
    }

    /** Finds a command's arguments; their number is then the last of {@link #starts}. Returns where it ends. */
    private int find(byte[] bytes, int at) {
        int next = CommandBuffer.endOfLine(bytes, at);
        int n = CommandBuffer.number(bytes, at, next);
        if (n + 2 > starts.length) {
            starts = new int[2 * n + 2];
        }
        for (int i = 0; i < n; i++) {
            starts[i] = next;
            int end = CommandBuffer.endOfLine(bytes, next);
            next = end + CommandBuffer.number(bytes, next, end) + 2;
        }
        starts[n] = next;
        starts[starts.length - 1] = n;
        return next;
    }

    /** The command's name if it is one that matters here, else empty. */
    private String name(byte[] bytes) {
        int from = CommandBuffer.endOfLine(bytes, starts[0]);
        int length = starts[1] - 2 - from;
        return switch (length) {
            case 3 -> named(bytes, from, "DEL");
            case 4 -> named(bytes, from, "MSET");
            case 6 ->
                switch (bytes[from] | 0x20) {
                    case 'u' -> named(bytes, from, "UNLINK");
                    case 's' -> named(bytes, from, "SELECT").isEmpty() ? named(bytes, from, "SCRIPT") : "SELECT";
                    default -> "";
                };
            case 8 -> named(bytes, from, "FUNCTION");
            case 10 -> named(bytes, from, FLUSH_SLOTS);
            default -> "";
        };
    }

    private static String named(byte[] bytes, int from, String name) {
        for (int i = 0; i < name.length(); i++) {
            if ((bytes[from + i] & 0xdf) != name.charAt(i)) {
                return "";
            }
        }
        return name;
    }

    private String argument(byte[] bytes, int i) {
        int from = CommandBuffer.endOfLine(bytes, starts[i]);
        return new String(bytes, from, starts[i + 1] - 2 - from, StandardCharsets.ISO_8859_1);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
