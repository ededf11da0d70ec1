# SPDX-License-Identifier: ISC
"""serve_load.py - mailsonde serve under many requests: nothing lost, no leak

serve_load.py PROGRAM REQUESTS. A server of mail on loopback is probed by most of
them, over 64 connections at once; the others are refused, cut off or about the
server itself. Memory and descriptors are looked at after a tenth of them and at
the end. Prints figures, and "serve_load: N passed, N failed, 0 skipped".
"""
import asyncio
import multiprocessing
import re
import socket
import subprocess
import sys
import time

PROGRAM, REQUESTS = sys.argv[1], int(sys.argv[2])
AT_ONCE = 64
counts = {"passed": 0, "failed": 0}


def check(good, what):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED: serve_load: {what}")


# ---- a server of mail, in a process of its own ----


async def talk(reader, writer):
    try:
        writer.write(b"220 mx.harbour.example ESMTP\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"EHLO":
                writer.write(b"250-mx.harbour.example\r\n250 SIZE 1000000\r\n")
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")
        await writer.drain()
    except OSError:
        pass
    writer.close()


async def serve_mail(pipe):
    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=1024)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def mail_server(pipe):
    asyncio.run(serve_mail(pipe))


# ---- clients ----


async def ask(reader, writer, path):
    """(status, body)"""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(re.search(rb"Content-Length: (\d+)", head)[1])
    return int(head[9:12]), await reader.readexactly(length)


async def cut_off(port, path):
    """A client that goes away: before the end of its request, or after."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: a\r\n".encode())
    if len(path) % 2:
        writer.write(b"\r\n")
    writer.close()


async def client(port, paths, seen):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for path, wanted in paths:
        if wanted == 0:
            await cut_off(port, path)
            continue
        status, body = await ask(reader, writer, path)
        good = status == wanted
        if wanted == 200 and path.startswith("/probe"):
            good &= b'"phase": "done"' in body or b"\nprobe_success 1\n" in body
        seen[good] = seen.get(good, 0) + 1
    writer.close()


def plan(i, target):
    """The request of this number, and its status; 0: it is cut off."""
    kinds = [(f"/probe?target={target}", 200)] * 6
    kinds += [
        (f"/probe?target={target}&format=json", 200),
        ("/healthz", 200),
        [("/metrics", 200), (f"/nothing/{i}", 404), ("/probe", 400)][i // 10 % 3],
        [(f"/probe?target=smtp://host{i}.example", 403), (f"/probe?target={target}", 0)]
        [i // 10 % 2],
    ]  # fmt: skip
    return kinds[i % 10]


async def run(port, target, first, n, seen):
    paths = [plan(i, target) for i in range(first, first + n)]
    await asyncio.gather(
        *(client(port, paths[k::AT_ONCE], seen) for k in range(AT_ONCE))
    )


async def figures(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    text = (await ask(reader, writer, "/metrics"))[1].decode()
    writer.close()
    found = {}
    for name in (
        "process_resident_memory_bytes", "process_open_fds",
        "mailsonde_http_connections", "mailsonde_http_requests_in_flight",
        "mailsonde_subjects_running", "process_cpu_seconds_total",
    ):  # fmt: skip
        found[name] = float(re.search(rf"^{name} (\S+)$", text, re.M)[1])
    return found


def settled(port):
    """The figures, when all clients are gone, and memory that was given back to
    the library is given back to the system, which it is every few seconds."""
    for _ in range(600):
        found = asyncio.run(figures(port))
        if found["mailsonde_http_connections"] == 1:
            break
        time.sleep(0.05)
    time.sleep(6)
    return asyncio.run(figures(port))


def speed(port, target, path, n):
    seen = {}

    async def all_of_them():
        await asyncio.gather(
            *(client(port, [(path, 200)] * (n // AT_ONCE), seen)
              for _ in range(AT_ONCE))
        )  # fmt: skip

    began = time.monotonic()
    asyncio.run(all_of_them())
    took = time.monotonic() - began
    check(set(seen) == {True}, f"{path}: {seen}")
    print(f"{path.replace(target, 'TARGET')}: {sum(seen.values()) / took:.0f} a second")


def main():
    ours, theirs = multiprocessing.Pipe()
    mail = multiprocessing.Process(target=mail_server, args=(theirs,), daemon=True)
    mail.start()
    target = f"smtp://127.0.0.1:{ours.recv()}"
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    process = subprocess.Popen(
        [PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "-q",
         "--allow-target", target, "--allow-net", "127.0.0.0/8",
         "--fail-on", "never", "--resolver", "127.0.0.1@9"],
    )  # fmt: skip
    try:
        for _ in range(600):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        seen = {}
        tenth = REQUESTS // 10
        asyncio.run(run(port, target, 0, tenth, seen))
        before = settled(port)
        began = time.monotonic()
        asyncio.run(run(port, target, tenth, REQUESTS - tenth, seen))
        took = time.monotonic() - began
        after = settled(port)
        print(f"answered {seen}, {(REQUESTS - tenth) / took:.0f} a second; "
              f"{after['process_cpu_seconds_total'] / REQUESTS * 1e6:.0f} us each")  # fmt: skip
        rss = [f["process_resident_memory_bytes"] / 1e6 for f in (before, after)]
        fds = [f["process_open_fds"] for f in (before, after)]
        print(f"after {tenth} requests {rss[0]:.1f} MB and {fds[0]:.0f} descriptors, "
              f"after {REQUESTS} {rss[1]:.1f} MB and {fds[1]:.0f}")  # fmt: skip
        check(seen.get(False, 0) == 0, f"all as they should be: {seen}")
        check(seen.get(True, 0) >= REQUESTS * 0.9, "all are answered")
        check(rss[1] < rss[0] + 4, "memory stays what it was")
        check(fds[1] == fds[0], "descriptors stay what they were")
        check(after["mailsonde_http_requests_in_flight"] == 1, "none in flight")
        check(after["mailsonde_subjects_running"] == 0, "none running")
        speed(port, target, "/healthz", 20000)
        speed(port, target, f"/probe?target={target}", 5000)
        process.terminate()
        check(process.wait(60) == 0, "the end")
    finally:
        process.kill()
        process.wait()
        mail.kill()
    print("serve_load: {passed} passed, {failed} failed, 0 skipped".format(**counts))


main()
