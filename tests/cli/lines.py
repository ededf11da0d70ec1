# SPDX-License-Identifier: ISC
# lines.py - many subjects: --unordered, --resume, --summary, progress
#
# lines.py PROGRAM ZONE GEO-DATABASE. Prints "lines: N passed, N failed,
# N skipped".
import collections
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading

PROGRAM, ZONE, GEO = map(os.path.abspath, sys.argv[1:])
OFFLINE = ["--offline", "--zone", ZONE, "--at", "2026-01-15T12:00:00Z"]
COMMANDS = {
    "domain": (
        ["domain", *OFFLINE],
        [
            "good.example",
            "",
            "BAD.example.",
            '{"id":7,"name":"sub.good.example"}',
            "no..name",
            '{"id":"x"',
            '{"id":null,"name":"good.example"}',
            "good.example",
            "user@bare.example",
            '{"id":9007199254740993,"name":"good.example"}',
            "good.example",
            "\udcff\udcfe.example",
            "parked.example",
            "192.0.2.1",
            "a" * 70 + ".example",
        ],
    ),
    "spf": (
        ["spf", *OFFLINE],
        [
            "192.5.6.30 joe@good.example mx.good.example",
            "nonsense",
            '{"id":1,"ip":"192.0.2.1","mail_from":"a@bad.example"}',
            "192.0.2.1 a@bare.example",
            "192.0.2.1 a@bare.example",
            "198.51.100.1 <> good.example",
        ],
    ),
    "dmarc": (
        ["dmarc", *OFFLINE],
        [
            "good.example spf=pass:good.example",
            "good.example dkim=fail:good.example",
            "",
            '{"id":[1],"from":"bad.example"}',
            "bare.example what=ever",
        ],
    ),
    "reputation": (
        ["reputation", *OFFLINE, "--only", "bl.spamcop.net"],
        [
            "192.5.6.30",
            "nonsense..example",
            '{"id":1,"ip":"192.5.6.30"}',
            "10.0.0.1",
            '{"id":[1],"name":"192.5.6.31"}',
            "192.5.6.30",
            "good.example",
        ],
    ),
    "geoip": (
        ["geoip", "--geoip-db", GEO],
        ["192.0.2.1", "nowhere", "2001:db8::1", "10.0.0.1", "192.0.2.1"],
    ),
}
counts = {"passed": 0, "failed": 0}


def check(good, text):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED: lines: {text}")


def run(words, stdin=b"", **more):
    more.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(
        [PROGRAM, *words],
        input=stdin,
        stderr=subprocess.PIPE,
        check=False,
        **more,
    )


def timeless(text):
    """Of a run now: geoip knows no --at."""
    return re.sub(rb'"time":"[^"]*"', b'"time":"T"', text)


def put(path, data):
    with open(path, "wb") as file:
        file.write(data)


def get(path):
    with open(path, "rb") as file:
        return timeless(file.read())


def joined(lines):
    return "".join(line + "\n" for line in lines).encode(
        errors="surrogateescape"
    )


def cuts(full):
    """Where a run may have been interrupted."""
    ends = [i + 1 for i, byte in enumerate(full) if byte == 10]
    middle = ends[len(ends) // 2]
    return [0, 1, ends[0] - 1, ends[0], ends[1] + 20, middle - 1, middle,
            middle + 300, len(full) - 1, len(full)]  # fmt: skip


def test_unordered(name, words, stdin, full):
    done = run([*words, "-f", "ndjson", "--unordered", "-"], stdin)
    check(
        sorted(timeless(done.stdout).splitlines())
        == sorted(full.stdout.splitlines()),
        f"{name}: --unordered gives other results",
    )
    check(done.returncode == full.returncode, f"{name}: --unordered: status")


def test_resume(name, words, stdin, full):
    words = [*words, "-f", "ndjson"]
    for cut in cuts(full.stdout):
        where = f"{name}: resumed behind octet {cut}"
        put("part", full.stdout[:cut])
        done = run([*words, "--resume", "part", "-o", "whole", "-"], stdin)
        check(get("whole") == full.stdout, f"{where}: -o another file")
        check(done.returncode == full.returncode, f"{where}: status")
        with open("part", "ab") as out:
            done = run([*words, "--resume", "part", "-"], stdin, stdout=out)
        check(get("part") == full.stdout, f"{where}: appended")
        check(done.returncode == full.returncode, f"{where}: its status")
        put("part", full.stdout[:cut])
        run([*words, "--resume", "part", "-o", "part", "-"], stdin)
        check(get("part") == full.stdout, f"{where}: -o the same file")
        put("part", full.stdout[:cut])
        done = run([*words, "--resume", "part", "-"], stdin)
        behind = full.stdout[full.stdout.rfind(b"\n", 0, cut) + 1 :]
        check(timeless(done.stdout) == behind, f"{where}: to a pipe")


def test_resume_unordered(name, words, stdin, full):
    """Any of the results may be there."""
    lines = full.stdout.splitlines(keepends=True)
    for start in range(3):
        put("part", b"".join(reversed(lines[start::3])))
        run(
            [*words, "-f", "ndjson", "--unordered", "--resume", "part"]
            + ["-o", "part", "-"],
            stdin,
        )
        check(
            sorted(get("part").splitlines(keepends=True)) == sorted(lines),
            f"{name}: --resume with every third result from {start}",
        )


def test_resume_order():
    """Of equal subjects the first is the one that was done."""
    words = ["domain", *OFFLINE, "-f", "ndjson"]
    names = ["good.example", "bare.example", "parked.example"] * 40
    full = run([*words, "-"], joined(names))
    put("part", full.stdout[: full.stdout.index(b"\n", 20000) + 1])
    run([*words, "--resume", "part", "-o", "part", "-"], joined(names))
    check(get("part") == timeless(full.stdout), "--resume keeps the order")


def counted(lines):
    """What --summary should say of them, but for exit codes."""
    findings = collections.Counter()
    subjects = collections.Counter()
    severities = collections.Counter()
    for line in map(json.loads, lines):
        findings.update(f["id"] for f in line["findings"])
        subjects.update({f["id"] for f in line["findings"]})
        severities.update(f["severity"] for f in line["findings"])
    return findings, subjects, severities


def test_summary(name, words, stdin, full):
    words = [*words, "-f", "ndjson", "--summary"]
    done = run([*words, "-"], stdin)
    *lines, last = timeless(done.stdout).splitlines(keepends=True)
    check(b"".join(lines) == full.stdout, f"{name}: --summary changes results")
    last = json.loads(last)
    check(
        "subject" not in last and "findings" not in last,
        f"{name}: the summary looks like a result",
    )
    told = last["summary"]
    findings, subjects, severities = counted(lines)
    check(told["subjects"] == len(lines), f"{name}: subjects")
    rows = told["findings"]
    check(
        {r["id"]: r["findings"] for r in rows} == findings,
        f"{name}: findings of each id",
    )
    check(
        {r["id"]: r["subjects"] for r in rows} == subjects,
        f"{name}: subjects of each id",
    )
    check(
        {k: v for k, v in told["severities"].items() if v} == severities,
        f"{name}: severities",
    )
    exits = collections.Counter()
    for line in lines:
        put("one", line)
        alone = run([*words, "--resume", "one", "-"])
        exits[str(alone.returncode)] += 1
    check(
        {k: v for k, v in told["exit_codes"].items() if v} == exits,
        f"{name}: exit codes {told['exit_codes']}, one by one {exits}",
    )
    put("part", b"".join(lines[:2]) + b'{"half')
    done = run([*words, "--resume", "part", "-"], stdin)
    again = json.loads(done.stdout.splitlines()[-1])["summary"]
    check(again.pop("resumed") == 2, f"{name}: how many were resumed")
    told.pop("resumed")
    check(again == told, f"{name}: a summary of both parts")


def test_whole_documents():
    words = ["domain", *OFFLINE, "--summary", "--json"]
    done = json.loads(run([*words, "good.example", "bad.example"]).stdout)
    check(
        [sorted(d.keys() & {"subject", "summary"}) for d in done]
        == [["subject"], ["subject"], ["summary"]],
        "--json --summary: an array with the summary last",
    )
    words = ["domain", *OFFLINE, "--summary"]
    text = run([*words, "good.example", "bad.example"]).stdout
    check(b"\nSUMMARY\n  2  subjects\n" in text, "a summary in text")
    check(
        run([*words, "--fix", "good.example"]).returncode == 64,
        "--summary in a zone",
    )
    for name in ("nagios", "prometheus", "csv"):
        done = run([*words, "-f", name, "good.example"])
        check(done.returncode in (3, 64), f"--summary with {name}")
        check(b"exclude" in done.stdout + done.stderr, f"--summary: {name}")


def test_wrong_resume():
    words = ["domain", *OFFLINE, "-f", "ndjson", "--resume"]
    line = run([*words[:-1], "good.example"]).stdout
    for code, text, data, more in (
        (66, b"nowhere", None, ["nowhere"]),
        (65, b"line 2", line + b"garbage\n" + line, ["file"]),
        (65, b"line 1", line.replace(b'"domain"', b'"spf"', 1), ["file"]),
        (65, b"line 1", b"[]\n", ["file"]),
        (64, b"-f ndjson", line, ["file", "-f", "text"]),
        (64, b"--record", line, ["file", "--record", "record"]),
    ):
        if data is not None:
            put("file", data)
        done = run([*words, *more, "-o", "out", "-"], b"good.example\n")
        check(done.returncode == code, f"--resume {more}: {done.returncode}")
        check(text in done.stderr, f"--resume {more}: {done.stderr}")
        check(done.stderr.count(b"\n") == 1, f"--resume {more}: one line")
        check(not os.path.exists("out"), f"--resume {more}: left a file")
    put("file", line)
    with open("file", "r+b") as out:
        done = run([*words, "file", "-"], b"bad.example\n", stdout=out)
    check(done.returncode == 64, "--resume: overwriting is refused")
    check(get("file") == timeless(line), "--resume: and nothing is lost")


def test_full_disk():
    for more in ([], ["--unordered"], ["--summary"]):
        with open("/dev/full", "wb") as out:
            done = run(
                ["domain", *OFFLINE, "-f", "ndjson", *more, "-"],
                b"good.example\nbad.example\n",
                stdout=out,
            )
        check(done.returncode == 74, f"/dev/full {more}: status")
        check(done.stderr.count(b"\n") == 1, f"/dev/full {more}: said once")


def test_interrupted(words, stdin, full):
    """By a signal, while it waits for more."""
    words = [*words, "-f", "ndjson"]
    for more in ([], ["--unordered"]):
        with open("part", "wb") as out, subprocess.Popen(
            [PROGRAM, *words, *more, "-"],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.PIPE,
        ) as process:
            process.stdin.write(b"".join(stdin.splitlines(True)[:5]))
            process.stdin.flush()
            while os.path.getsize("part") == 0:
                pass
            process.send_signal(signal.SIGINT)
            check(process.wait() == -signal.SIGINT, "SIGINT ends it")
        with open("part", "ab") as out:
            run([*words, *more, "--resume", "part", "-"], stdin, stdout=out)
        check(
            sorted(get("part").splitlines())
            == sorted(full.stdout.splitlines()),
            f"{more}: resumed after SIGINT",
        )


def subjects_of(text):
    return [json.loads(line)["subject"] for line in text.splitlines()]


def test_probe():
    """Its subject has the address that was found, if any."""
    put("zone", b"mx.example. A 127.0.0.1\nmx.example. A 127.0.0.2\n")
    words = ["probe", "--zone", "zone", "--resolver", Server().address]
    words += ["--fail-on", "never", "--timeout", "2", "-f", "ndjson"]
    target = "smtp://mx.example:1"  # nobody listens
    stdin = joined(
        [
            target,
            json.dumps({"target": target, "address": "127.0.0.2"}),
            "smtp://127.0.0.1:1",
            "nonsense://x",
            '{"mx":"nobody.example"}',
            target,
            json.dumps({"target": target, "address": "127.0.0.1"}),
        ]
    )
    full = run([*words, "-"], stdin).stdout
    lines = full.splitlines(keepends=True)
    check(len(lines) == 7, f"probe: {len(lines)} results")
    for n in range(len(lines) + 1):
        put("part", b"".join(lines[:n]))
        done = run([*words, "--resume", "part", "-"], stdin)
        check(
            subjects_of(done.stdout) == subjects_of(full)[n:],
            f"probe: resumed behind {n} results",
        )


class Server:
    """Knows no name, and does not answer about some."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1@{self.socket.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            if b"\x04mute" in query.lower():
                continue
            end = query.index(b"\0", 12) + 5
            head = query[:2] + b"\x81\x83\0\1\0\0\0\0\0\0"
            self.socket.sendto(head + query[12:end], peer)


def test_slow_one():
    words = ["domain", "--resolver", Server().address, "--only", "mx"]
    words += ["--dns-timeout", "0.7", "--fail-on", "never", "-f", "ndjson"]
    stdin = b"mute.example\na.example\nb.example\nc.example\n"
    for more, last in ([], "c.example"), (["--unordered"], "mute.example"):
        done = run([*words, *more, "-"], stdin)
        names = [
            json.loads(line)["subject"]["name"]
            for line in done.stdout.splitlines()
        ]
        check(len(names) == 4, f"{more}: one does not answer: {names}")
        check(names[-1] == last, f"{more}: one does not answer: {names}")
        check(done.returncode == 2, f"{more}: one does not answer: status")


def on_terminal(words, stdin):
    """What the program shows where standard error is a terminal."""
    outer, inner = pty.openpty()
    with open("names", "rb") if stdin else open(os.devnull, "rb") as source:
        with subprocess.Popen(
            [PROGRAM, *words],
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=inner,
        ) as process:
            os.close(inner)
            shown = b""
            while True:
                try:
                    data = os.read(outer, 4096)
                except OSError:
                    break
                if not data:
                    break
                shown += data
            process.wait()
    os.close(outer)
    return shown.decode()


def test_progress():
    words = ["domain", "--resolver", Server().address, "--only", "mx"]
    words += ["--dns-timeout", "1.2", "--fail-on", "never", "--jobs", "1"]
    names = ["mute.example", "b.example"]
    put("names", joined(names))
    wanted = r"\r1 done, [0-9.]+/s, (\d\d) %, \d+ s left"
    shown = on_terminal([*words, "-"], True)
    check(re.search(wanted, shown), f"progress of a file: {shown!r}")
    shown = on_terminal([*words, *names], False)
    check(re.search(wanted, shown), f"progress of arguments: {shown!r}")
    check(shown.endswith("\r"), "progress: taken off the terminal")
    shown = on_terminal([*words, "-q", *names], False)
    check(shown == "", f"progress with -q: {shown!r}")


def main():
    for name, (words, lines) in COMMANDS.items():
        stdin = joined(lines)
        full = run([*words, "-f", "ndjson", "-"], stdin)
        full.stdout = timeless(full.stdout)
        wanted = sum(line.strip() != "" for line in lines)
        check(
            full.stdout.count(b"\n") == wanted, f"{name}: a result a line"
        )
        test_unordered(name, words, stdin, full)
        test_resume(name, words, stdin, full)
        test_resume_unordered(name, words, stdin, full)
        test_summary(name, words, stdin, full)
        if name == "domain":
            test_interrupted(words, stdin, full)
    test_whole_documents()
    test_resume_order()
    test_wrong_resume()
    test_full_disk()
    test_slow_one()
    test_probe()
    test_progress()


with tempfile.TemporaryDirectory() as directory:
    os.chdir(directory)
    main()
print(
    f"lines: {counts['passed']} passed, {counts['failed']} failed, 0 skipped"
)
sys.exit(counts["failed"] > 0 or counts["passed"] == 0)
