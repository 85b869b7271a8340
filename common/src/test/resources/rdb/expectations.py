"""Writes <name>.tsv beside each <name>.rdb from <name>.json.gz, which holds what the server said of its keys.

usage: expectations.py DIRECTORY_OF_JSON_GZ [DIRECTORY_OF_TSV]
A line is: database, key (base64), type, expiry (ms; ~ms where it was derived from PTTL; -), SHA-256 of what DUMP answered,
SHA-256 of the elements as CanonicalValue writes them (- for values of modules).
"""
import base64
import gzip
import hashlib
import json
import pathlib
import struct
import sys



def text(b64):
    return base64.b64decode(b64).decode()


def pairs(flat):
    return zip(flat[::2], flat[1::2])


def stream_lines(said):
    for id, fields in said["value"]:
        yield " ".join(["e", text(id)] + fields)
    info = {text(k): v for k, v in pairs(said["info"])}
    line = f"i {info['length']} {text(info['last-generated-id'])}"
    if "max-deleted-entry-id" in info:
        first, deleted = text(info["recorded-first-entry-id"]), text(info["max-deleted-entry-id"])
        line += f" {first} {deleted} {info['entries-added']}"
    yield line
    for group in said["groups"]:
        of = {text(k): v for k, v in pairs(group)}
        read = of.get("entries-read")
        yield f"g {of['name']} {text(of['last-delivered-id'])} {'-' if read is None else read}"
        yield f"c {of['name']} {of['consumers']}"
    for group, entries in said["pending"].items():
        for id, consumer, deliveries in entries:
            yield f"p {group} {text(id)} {consumer} {deliveries}"


def lines_of(said):
    value = said.get("value")
    match said["type"]:
        case "string":
            return ["s " + value]
        case "list":
            return ["l " + element for element in value]
        case "set":
            return ["m " + member for member in value]
        case "zset":
            return [f"z {m} {struct.pack('>d', float(text(score))).hex()}" for m, score in pairs(value)]
        case "hash":
            times = said.get("field_expire_at_ms", {})
            return [f"h {f} {v} {times.get(f, '-')}" for f, v in value.items()]
        case "stream":
            return list(stream_lines(said))
        case _:
            return None  # of a module: only it knows


def digest(said):
    lines = lines_of(said)
    if lines is None:
        return "-"
    if said["type"] not in ("list", "string"):
        lines.sort()
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


source = pathlib.Path(sys.argv[1])
target = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".")
for file in sorted(source.glob("*.json.gz")):
    lines = []
    for db, keys in json.load(gzip.open(file)).items():
        for key, said in keys.items():
            expiry = str(said.get("expire_at_ms") or "-").replace("about ", "~")
            dump = hashlib.sha256(base64.b64decode(said["dump"])).hexdigest()
            lines.append("\t".join([db, key, said["type"], expiry, dump, digest(said)]))
    name = file.name.removesuffix(".json.gz")
    (target / (name + ".tsv")).write_text("\n".join(sorted(lines)) + "\n")
