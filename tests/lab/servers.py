# SPDX-License-Identifier: ISC
"""servers.py - asks what servers.table says, and compares

servers.py TABLE PROGRAM DIRECTORY. Each row is probed and recorded, judged,
and replayed, which must give the same bytes. All targets without options are
then probed once more, at the same time, and judged by the same rows. What
needs a server that did not start (DIRECTORY/missing names it) is skipped.
"""
import itertools
import json
import os
import re
import subprocess
import sys
import time

TABLE, PROGRAM, DIRECTORY = sys.argv[1:]
STARTED = time.monotonic()
COMMON = ["--ca-file", "ca.pem", "-f", "ndjson"]


class Result:
    """What one row wants of one result."""

    def __init__(self, found, facts):
        self.found = sorted(found.split())
        self.facts = facts.split()

    def differences(self, result):
        found = [finding["id"] for finding in result["findings"]]
        found += [error["what"] for error in result["errors"]]
        if sorted(found) != self.found:
            yield f"found {sorted(found)}, wanted {self.found}"
        for fact in self.facts:
            if not holds(fact, result):
                yield f"not so: {fact}"


class Row:
    """A command line and the results it wants."""

    def __init__(self, command, status):
        self.command = command.split()
        self.status = int(status)
        self.results = []


def scan_of(result):
    tls = (result.get("server") or {}).get("tls") or {}
    return tls.get("scan") or {"versions": [], "ciphers": []}


def derived(result):
    """What stands in lists of objects: `sender.dane`, `offers`, `suites`."""
    senders = (result.get("server") or {}).get("senders", [])
    scan = scan_of(result)
    return {
        "sender": {one["sender"]: one["verdict"] for one in senders},
        "offers": [one["version"] for one in scan["versions"] if one["offered"]],
        "suites": sorted({one["name"] for one in scan["ciphers"]}),
    }


def value_at(path, result):
    """`tls.version`, below `server`, or else `subject`; or derived()."""
    for top in (result.get("server"), result["subject"], derived(result)):
        value = top or {}
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            return value
    return None


def holds(fact, result):
    """PATH=VALUE; PATH~WORD, which a list or text has; PATH!WORD, has not."""
    at = min(fact.find(c) for c in "=~!" if c in fact)
    path, how, wanted = fact[:at], fact[at], fact[at + 1 :]
    value = value_at(path, result)
    if how == "=":
        text = value if isinstance(value, str) else json.dumps(value)
        return text == wanted
    if value is None:
        return False
    words = value.split() if isinstance(value, str) else value
    has = any(word == wanted or word.startswith(wanted + " ") for word in words)
    return has == (how == "~")


def expand(line):
    """`{A,B}` is each of them in turn; `{1}` what the first one is."""
    parts = re.split(r"\{(\w[^{}]*,[^{}]*)\}", line)
    choices = [part.split(",") for part in parts[1::2]]
    for choice in itertools.product(*choices):
        whole = "".join(itertools.chain(*zip(parts[::2], [*choice, ""])))
        for i, word in enumerate(choice, 1):
            whole = whole.replace(f"{{{i}}}", word)
        yield whole


def read_table():
    """COMMAND | STATUS | FOUND | FACTS; "+ | | …" for one more result; a line
    that begins with a blank goes on."""
    with open(TABLE, encoding="utf-8") as lines:
        text = lines.read().replace("\n\t", " ")
    rows = []
    lines = (one for line in text.splitlines() for one in expand(line))
    for line in lines:
        if not line or line.startswith("#"):
            continue
        command, status, found, facts = (cell.strip() for cell in line.split("|"))
        if command != "+":
            rows.append(Row(command, status))
        rows[-1].results.append(Result(found, facts))
    return rows


def run(arguments, stdin=""):
    done = subprocess.run(
        [PROGRAM, "probe", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def judge(rows, results):
    """What is wrong with the results of rows, one after another."""
    wanted = [result for row in rows for result in row.results]
    if len(results) != len(wanted):
        yield f"{len(results)} results, wanted {len(wanted)}"
    for want, line in zip(wanted, results):
        result = json.loads(line)
        for difference in want.differences(result):
            yield f"{value_at('host', result)}: {difference}"


COUNT = {"passed": 0, "failed": 0, "skipped": 0}


def say(name, wrong):
    if "LAB_TIMES" in os.environ:
        print(f"{time.monotonic() - STARTED:7.2f} {name}", file=sys.stderr)
    COUNT["failed" if wrong else "passed"] += 1
    if wrong:
        print(f"FAILED probe {name}", *wrong, sep="\n  ")


def test_row(row):
    name = " ".join(row.command)
    record = f"{COUNT['passed'] + COUNT['failed']}.record"
    status, out, err = run([*COMMON, "--record", record, *row.command])
    wrong = list(judge([row], out.splitlines()))
    if status != row.status:
        wrong.append(f"status {status}, wanted {row.status}: {err.strip()}")
    if wrong:
        wrong.append(out)
    say(name, wrong)
    _, again, err = run(["-f", "ndjson", "--replay", record])
    say(f"{name}, replayed", [] if again == out else [again, err.strip()])


def test_at_once(rows):
    """All of them, on one standard input."""
    rows = [row for row in rows if len(row.command) == 1 and len(row.results) == 1]
    targets = "".join(row.command[0] + "\n" for row in rows)
    _, out, _ = run([*COMMON, "--record", "all.record", "-"], targets)
    say(f"- <{len(rows)} targets", list(judge(rows, out.splitlines())))
    _, again, err = run(["-f", "ndjson", "--replay", "all.record"])
    say("-, replayed", [] if again == out else ["it differs", err.strip()])


def is_missing(row, missing):
    return any(name in word for word in row.command for name in missing)


def main():
    os.chdir(DIRECTORY)
    with open("missing", encoding="utf-8") as lines:
        missing = lines.read().split()
    rows = read_table()
    COUNT["skipped"] = sum(is_missing(row, missing) for row in rows)
    rows = [row for row in rows if not is_missing(row, missing)]
    for row in rows:
        test_row(row)
    test_at_once(rows)
    print("servers:", ", ".join(f"{n} {what}" for what, n in COUNT.items()))
    sys.exit(COUNT["failed"] > 0 or COUNT["passed"] == 0)


main()
