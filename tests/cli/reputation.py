# SPDX-License-Identifier: ISC
# reputation.py - block lists over a socket: who is asked what, and who is not
#
# reputation.py PROGRAM. Name servers on loopback play lists that answer,
# refuse, rewrite, fail or say nothing. Prints "reputation: N passed, N failed,
# N skipped".
import collections
import json
import os
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import threading

PROGRAM = os.path.abspath(sys.argv[1])
SOA = b"\0\0" + struct.pack(">IIIII", 1, 2, 3, 4, 60)
KEY = "k3y-of-a-customer"
counts = {"passed": 0, "failed": 0}


def check(good, text):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED: reputation: {text}")


class Server:
    """A name server on a port of its own. `answer` gives, of a name and type,
    addresses, texts (bytes), an RCODE, or None: silence."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []
        self.recursion = set()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1@{self.socket.getsockname()[1]}"
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            packet, peer = self.socket.recvfrom(4096)
            labels, at = [], 12
            while packet[at]:
                labels.append(packet[at + 1 : at + 1 + packet[at]].decode())
                at += packet[at] + 1
            name = ".".join(labels).lower()
            kind = struct.unpack_from(">H", packet, at + 1)[0]
            self.asked.append(name)
            self.recursion.add(packet[2] & 1)
            said = self.answer(name, kind)
            if said is not None:
                self.socket.sendto(self.reply(packet, at + 5, said), peer)

    @staticmethod
    def reply(packet, end, said):
        rcode = said if isinstance(said, int) else 0
        records = [] if isinstance(said, int) else said
        answers = b""
        for record in records:
            if isinstance(record, bytes):
                kind, data = 16, bytes([len(record)]) + record
            else:
                kind, data = 1, socket.inet_aton(record)
            answers += struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(data)) + data
        authority = b""
        if not records and rcode in (0, 3):
            authority = struct.pack(">BHHIH", 0, 6, 1, 60, len(SOA)) + SOA
        head = packet[:2] + struct.pack(
            ">HHHHH", 0x8580 | rcode, 1, len(records), bool(authority), 0
        )
        return head + packet[12:end] + answers + authority

    def about(self, subject):
        return [name for name in self.asked if name.startswith(subject)]


def resolver(name, kind):
    """The lists of LISTS, by their names."""
    subject, _, zone = name.rpartition(f".{KEY}.paid.test")
    if subject:
        zone = "paid.test"
    else:
        for zone in ZONES:
            if name.endswith(f".{zone}"):
                subject = name[: -len(zone) - 1]
                break
        else:
            return 3
    if zone == "silent.test":
        return None
    if zone == "late.test":
        return [] if kind == 16 else POINTS.get(subject)
    if zone == "portal.test":
        return ["203.0.113.80"] if kind == 1 else 3
    if zone == "broken.test":
        return 2
    if zone == "refuses.test":
        return 5
    if zone == "public.test":
        return ["127.255.255.254"] if kind == 1 else [b"use your own"]
    if zone == "paid.test" and f"{KEY}.paid.test" not in name:
        return 3
    if kind == 16:
        return [f"see https://x.test/?k={KEY}".encode()]
    if subject in POINTS:
        return POINTS[subject] or 3
    return ["127.0.0.3"] if subject.startswith("66.") else 3


POINTS = {"2.0.0.127": ["127.0.0.2"], "1.0.0.127": 3}
ZONES = ("good.test", "paid.test", "silent.test", "late.test", "portal.test",
         "broken.test", "refuses.test", "public.test")  # fmt: skip


def run(*words, stdin=b"", **env):
    return subprocess.run(
        [PROGRAM, "reputation", *words],
        input=stdin,
        capture_output=True,
        check=False,
        env={**os.environ, **env},
    )


def write(name, text):
    with open(name, "w", encoding="ascii") as file:
        file.write(text)
    return name


def lists_of(done):
    result = json.loads(done.stdout)
    return result, {l["zone"]: l for l in result["reputation"]["lists"]}


def test_each_list(server):
    """What each says, all at once, and what the others do not spoil."""
    words = [w for z in ZONES if z != "paid.test" for w in ("--list", z)]
    only = [w for z in ZONES if z != "paid.test" for w in ("--only", z)]
    done = run(
        "-j", "--resolver", server.address, "--dns-timeout", "0.5",
        *words, *only, "192.5.6.66",
    )  # fmt: skip
    result, lists = lists_of(done)
    check(done.returncode == 1, f"each list: status {done.returncode}")
    want = {
        "good.test": ("listed", None),
        "silent.test": ("unknown", "failed"),
        "late.test": ("unknown", "failed"),
        "portal.test": ("unknown", "rewritten"),
        "broken.test": ("unknown", "failed"),
        "refuses.test": ("unknown", "failed"),
        "public.test": ("unknown", "refused"),
    }
    for zone, (status, cause) in want.items():
        got = lists[zone]["status"], lists[zone]["cause"]
        check(got == (status, cause), f"{zone} is {got}")
    counted = result["reputation"]
    check(counted["asked"] == 7 and counted["answered"] == 1, "each list: counts")
    check(any("203.0.113.80" in e["detail"] for e in result["errors"]), "rewriting")
    check(lists["public.test"]["reason"] == "use your own", "reason of a refusal")
    # lists that are none learn nothing of the subject
    told = {n.split(".", 4)[4] for n in server.about("66.6.5.192.")}
    check(told == {"good.test", "late.test"}, f"told {told}")


def test_time(server):
    """--timeout: what is known by then is reported."""
    done = run(
        "-j", "--resolver", server.address, "--timeout", "0.5",
        "--list", "good.test", "--list", "late.test",
        "--only", "good.test", "--only", "late.test", "192.5.6.30",
    )  # fmt: skip
    result, lists = lists_of(done)
    check(done.returncode == 2, f"--timeout: status {done.returncode}")
    check(lists["good.test"]["status"] == "not-listed", "--timeout: good.test")
    check(lists["late.test"]["status"] == "unknown", "--timeout: late.test")
    check(result["errors"][0]["temporary"] is True, "--timeout: errors")


def test_key(server):
    """A key is in the questions and nowhere else."""
    path = write("paid.lists", "zone paid.test\nkey-env THE_KEY\n")
    words = ["--resolver", server.address, "--lists", path, "--only",
             "paid.test", "192.5.6.66"]  # fmt: skip
    for more in ["-v"], ["-j"], ["-f", "csv"]:
        done = run(*more, *words, "--record", "case", THE_KEY=KEY)
        check(done.returncode == 1, f"key {more}: status {done.returncode}")
        with open("case", "rb") as file:
            seen = done.stdout + done.stderr + file.read()
        check(KEY.encode() not in seen.lower(), f"key {more}: it is shown")
        hexed = KEY.encode().hex().upper().encode()
        check(hexed not in seen, f"key {more}: it is recorded in hexadecimal")
        check(b"k=KEY" in seen, f"key {more}: the reason")
        again = run(*more, "--replay", "case")
        check(again.stdout == done.stdout, f"key {more}: replayed otherwise")
    check(f"66.6.5.192.{KEY}.paid.test" in server.asked, "key: not asked with it")
    path = write("wrong.lists", "zone paid.test\nkey not-it\n")
    os.chmod(path, 0o644)
    words[3] = path
    done = run("-j", *words)
    _, lists = lists_of(done)
    check(done.returncode == 2, "wrong key: status")
    check(lists["paid.test"]["cause"] == "unsound", "wrong key: cause")
    check(b"not-it" not in done.stdout + done.stderr, "wrong key: it is shown")
    check(b"others can read it" in done.stderr, "wrong key: readable by others")
    os.chmod(path, 0o600)
    check(b"others" not in run("-j", *words).stderr, "wrong key: kept")


def test_server(server):
    """A list at a server of its own, which is not asked to recurse."""
    own = Server(resolver)
    path = write("own.lists", f"zone good.test\nserver {own.address}\n")
    before = len(server.asked)
    done = run(
        "-j", "--resolver", server.address, "--lists", path,
        "--only", "good.test", "192.5.6.66",
    )  # fmt: skip
    _, lists = lists_of(done)
    check(lists["good.test"]["status"] == "listed", "own server")
    check(len(server.asked) == before, "own server: the resolver was asked")
    check(own.recursion == {0}, "own server: asked to recurse")


def test_special(server):
    before = len(server.asked)
    done = run(
        "-j", "--resolver", server.address, "--list", "good.test", *("10.0.0.66",)
    )
    check(done.returncode == 0, "special: status")
    check(len(server.asked) == before, "special: somebody was asked")


def test_many(server):
    """10,000 subjects: in their order, test points once, memory bounded."""
    subjects = [f"192.5.{i // 200}.{i % 200}" for i in range(10000)]
    before = collections.Counter(server.asked)
    done = run(
        "-f", "ndjson", "--resolver", server.address, "--list", "good.test",
        "--only", "good.test", "-", stdin="\n".join(subjects).encode(),
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    check([l["subject"]["ip"] for l in lines] == subjects, "many: order")
    listed = sum(l["reputation"]["listed"] for l in lines)
    check(listed == 50, f"many: {listed} are listed")
    check(done.returncode == 1, f"many: status {done.returncode}")
    asked = collections.Counter(server.asked) - before
    for point in POINTS:
        n = asked[f"{point}.good.test"]
        check(0 < n < 5, f"many: {point} was asked for {n} times")
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    check(most < 200 * 1024 or "asan" in PROGRAM, f"many: {most} KiB")


def test_names(server):
    """--names-from: each once, up to the limit, from several messages."""
    links = " ".join(f"https://h{i}.example/" for i in range(1100))
    for name in "one.eml", "two.eml":
        write(name, f"From: a@b.example\n\n{links}\n")
    done = run(
        "--offline", "--only", "dbl.spamhaus.org", "-f", "ndjson",
        "--names-from", "one.eml", "--names-from", "two.eml",
    )  # fmt: skip
    names = [json.loads(l)["subject"]["name"] for l in done.stdout.splitlines()]
    check(len(names) == 1000 == len(set(names)), f"names: {len(names)}")
    check(names[:2] == ["b.example", "h0.example"], f"names: {names[:2]}")
    check(b"beyond 1000 are left out" in done.stderr, "names: not said")


def main():
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        server = Server(resolver)
        for name, test in list(globals().items()):
            if name.startswith("test_"):
                test(server)
    print("reputation: {passed} passed, {failed} failed, 0 skipped".format(**counts))
    sys.exit(counts["failed"] > 0)


main()
