# SPDX-License-Identifier: ISC
# evidence.py - the evidence of the lab's domains, and what was found in them
#
# evidence.py unpack FILE >RECORD   as mailsonde-record(5) has it, sealed
# evidence.py pack FILE <RECORD     without seals, messages and times, compressed
# evidence.py show <RESULTS         a line a domain: its name, its findings, and
#                              "error" where something could not be told
#
# The evidence was recorded by "make lab-evidence", from the domains of
# tests/lab/domains.
import hashlib
import json
import lzma
import re
import sys

SEAL = ',"hash":"'
# Lists that are no word about anybody, with every domain.
UNRELIABLE = ("psbl.surriel.com cannot", "multi.uribl.com cannot")


def unpack(path):
    hash_ = ""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            body = line.rstrip("\n")[:-1]
            hash_ = hashlib.sha256((hash_ + body).encode()).hexdigest()
            print(f'{body}{SEAL}{hash_}"}}')


def pack(path):
    with lzma.open(path, "wt", encoding="utf-8", preset=9) as file:
        for line in sys.stdin:
            body = line[: line.rindex(SEAL)] + "}"
            body = re.sub(r',"messageOctetsHEX":"[0-9A-F]*"', "", body)
            body = re.sub(r'"ID":\d+', '"ID":0', body)
            body = re.sub(r'"seconds":[0-9.e-]+', '"seconds":0.01', body)
            print(body, file=file)


def found(result):
    """What a line of results says: [id…]"""
    ids = sorted({finding["id"] for finding in result["findings"]})
    errors = [error["detail"] for error in result["errors"]]
    rest = [error for error in errors if not error.startswith(UNRELIABLE)]
    if len(errors) - len(rest) != 2:
        ids.append("unreliable-list-believed")
    return ids + ["error"] * (len(rest) > 0)


def show():
    for line in sys.stdin:
        result = json.loads(line)
        print(result["subject"]["name"], *found(result))


if __name__ == "__main__":
    if sys.argv[1] == "show":
        show()
    else:
        {"pack": pack, "unpack": unpack}[sys.argv[1]](sys.argv[2])
