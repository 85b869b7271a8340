package io.rediscdc.source.scan;

import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.format.rdb.value.VisitableValue;
import io.rediscdc.format.resp.Reply;
import java.util.List;

/** A whole value, as the reply to a command of its type has it ({@link TypeCommands}). */
final class ReplyValue implements VisitableValue {

    /** What a reply takes in memory beside its bytes, about. */
    private static final int OVERHEAD = 40;

    private final String type;
    private final Reply reply;
    private final int bytes;

    ReplyValue(String type, Reply reply) {
        this.type = type;
        this.reply = reply;
        this.bytes = (int) Math.min(Integer.MAX_VALUE, bytes(reply));
    }

    /** What it takes in memory, about. */
    int bytes() {
        return bytes;
    }

    @Override
    public void visit(ValueVisitor to) {
        switch (type) {
            case "string" -> to.string(WindowReader.bytes(reply), true);
            case "list" -> elements().forEach(element -> to.listElement(WindowReader.bytes(element)));
            case "set" -> found().forEach(member -> to.setMember(WindowReader.bytes(member)));
            case "zset" -> {
                List<Reply> flat = found();
                for (int i = 0; i < flat.size(); i += 2) {
                    to.zsetMember(WindowReader.bytes(flat.get(i)), WindowReader.score(flat.get(i + 1)));
                }
            }
            case "hash" -> {
                List<Reply> flat = found();
                for (int i = 0; i < flat.size(); i += 2) {
                    to.hashField(
                            WindowReader.bytes(flat.get(i)), WindowReader.bytes(flat.get(i + 1)), ValueVisitor.NEVER);
                }
            }
            case "stream" -> FullStream.visit(reply, to.stream());
            default -> throw new IllegalStateException("no reply has a whole " + type);
        }
    }

    private List<Reply> elements() {
        return FullStream.elements(reply);
    }

    /** Of a cursor and what was found. */
    private List<Reply> found() {
        return FullStream.elements(elements().get(1));
    }

    private static long bytes(Reply reply) {
        if (reply instanceof Reply.Bulk bulk) {
            return (long) OVERHEAD + bulk.bytes().length;
        }
        long bytes = OVERHEAD;
        if (reply instanceof Reply.Array array) {
            for (Reply element : array.elements()) {
                bytes += bytes(element);
            }
        }
        return bytes;
    }
}
