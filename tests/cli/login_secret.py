# SPDX-License-Identifier: ISC
"""login_secret.py - where probe --login has its secret from

login_secret.py MAILSONDE DIRECTORY USER TARGET SILENT WITHIN SECRET, of the run
of run_login.sh: TARGET takes the secret, SILENT never answers to it, WITHIN
says no more once somebody is in.
"""
import base64
import json
import os
import pty
import subprocess
import sys
import time

program, work, user, target, silent, within, secret = sys.argv[1:]
common = [program, "probe", "-f", "json", "--zone", f"{work}/zone", "--login", user]
common += ["--ca-file", f"{work}/ca.pem"]


def result_of(data):
    return json.loads(data)["server"]["login"]["result"]


def from_environment():
    env = dict(os.environ, BRINE=secret)
    words = [*common, "--password-env", "BRINE"]
    done = subprocess.run([*words, target], env=env, capture_output=True, check=True)
    assert result_of(done.stdout) == "ok", done
    words = [*words, "--timeout", "20", silent]
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE) as process:
        for _ in range(400):
            with open(f"/proc/{process.pid}/environ", "rb") as f:
                environ = f.read()
            if b"BRINE=" in environ and secret.encode() not in environ:
                break
            time.sleep(0.02)
        with open(f"/proc/{process.pid}/cmdline", "rb") as f:
            cmdline = f.read()
        process.kill()
    assert secret.encode() not in environ, "it stands in the environment"
    assert user.encode() in cmdline and secret.encode() not in cmdline
    done = subprocess.run([*common, "--password-env", "BRACKISH", target], check=False)
    assert done.returncode == 64, done


def from_file():
    for name, mode in (("password", 0o600), ("open", 0o644)):
        path = f"{work}/{name}"
        with open(path, "wb") as f:
            f.write(secret.encode() + b"\r\nanother line\n")
        os.chmod(path, mode)
        words = [*common, "--password-file", path, target]
        done = subprocess.run(words, capture_output=True, check=True)
        assert result_of(done.stdout) == "ok", done
        assert (b"others can read it" in done.stderr) == (mode == 0o644), done
    for data in (b"", b"\n", b"x" * 20000, b"a\0b\n"):
        with open(f"{work}/odd", "wb") as f:
            f.write(data)
        words = [*common, "--password-file", f"{work}/odd", target]
        done = subprocess.run(words, capture_output=True, check=False)
        assert done.returncode == 64, (data[:10], done)
    words = [*common, "--password-file", f"{work}/none", target]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 66


def at_terminal(keys, output):
    """What the terminal showed, and the exit status."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(program, [*common, "-o", output, target])
    shown, sent = b"", False
    while True:
        try:
            more = os.read(fd, 4096)
        except OSError:
            more = b""
        if not more:
            break
        shown += more
        if b"Secret for " in shown and not sent:
            os.write(fd, keys)
            sent = True
    os.close(fd)
    return shown, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def from_terminal():
    output = f"{work}/prompted"
    keys = "wrong\x15".encode() + secret.encode() + "ö\x7f\r".encode()
    shown, status = at_terminal(keys, output)
    assert status == 0, (shown, status)
    assert secret.encode() not in shown and b"wrong" not in shown, shown
    with open(output, "rb") as f:
        assert result_of(f.read()) == "ok"
    shown, status = at_terminal(b"half\x03", f"{work}/not")
    assert status == 64 and b"half" not in shown, (shown, status)
    done = subprocess.run(
        [*common, target], capture_output=True, check=False, start_new_session=True
    )
    assert done.returncode == 64 and b"no secret for" in done.stderr, done


def found_in(pid, forms):
    """How often any of them stands in what a process may write to."""
    n = 0
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
        lines = [line.split() for line in maps]
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for place, rights, *_ in lines:
            start, end = (int(x, 16) for x in place.split("-"))
            if not rights.startswith("rw") or end - start > 1 << 30:
                continue
            memory.seek(start)
            try:
                data = memory.read(end - start)
            except OSError:
                continue
            n += sum(data.count(form) for form in forms)
    return n


def in_memory():
    """Once one is in, it stands in one place: where it is kept for the next."""
    forms = [secret.encode()]
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + secret.encode())
        forms.append(whole[4 if shift else 0 : (shift + len(secret)) // 3 * 4])
    mark = f"{work}/within"
    for mechanism in ("PLAIN", "LOGIN", "SCRAM-SHA-1", "SCRAM-SHA-256"):
        words = [*common, "--password-file", f"{work}/password", "--timeout", "20"]
        words += ["--mechanism", mechanism, within]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
            for _ in range(400):
                if os.path.exists(mark):
                    break
                time.sleep(0.02)
            try:
                n = found_in(process.pid, forms)
            except PermissionError:
                n = 1  # nobody may look
            process.kill()
        os.unlink(mark)
        assert n == 1, f"{mechanism}: it stands in memory {n} times"


from_environment()
from_file()
from_terminal()
in_memory()
