"""Writes <name>.tsv beside each <name>.rdb from <name>.json.gz, which holds what the server said of its keys.

usage: expectations.py DIRECTORY_OF_JSON_GZ [DIRECTORY_OF_TSV]
A line is: database, key (base64), type, expiry (ms; ~ms where it was derived from PTTL; -), SHA-256 of what DUMP answered.
"""
import base64
import gzip
import hashlib
import json
import pathlib
import sys

source = pathlib.Path(sys.argv[1])
target = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".")
for file in sorted(source.glob("*.json.gz")):
    lines = []
    for db, keys in json.load(gzip.open(file)).items():
        for key, said in keys.items():
            expiry = str(said.get("expire_at_ms") or "-").replace("about ", "~")
            digest = hashlib.sha256(base64.b64decode(said["dump"])).hexdigest()
            lines.append("\t".join([db, key, said["type"], expiry, digest]))
    name = file.name.removesuffix(".json.gz")
    (target / (name + ".tsv")).write_text("\n".join(sorted(lines)) + "\n")
