# SPDX-License-Identifier: ISC
# readme.py - the README's examples, run again
#
# readme.py PROGRAM [bless]; run at the root of the tree. In each block marked
# "console", what stands behind a line "$ command" is what the command prints.
# "bless" writes what it prints now. The program stands beside a small country
# database, as it does where it is installed.
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(sys.argv[1])
BLESS = sys.argv[2:] == ["bless"]
README = "README.md"
USUAL = ("/usr/share/GeoIP", "/var/lib/GeoIP", "/usr/local/share/GeoIP")

# What is known of the addresses that the examples use.
GEOIP = """# Generated: Thu, 25 Jun 2026 04:33:59 GMT
# Vendor: IPFire Project
# License: CC BY-SA 4.0
3223622656,3223622911,SE
3238006272,3238006527,NL
3389790976,3389791231,JP
"""
GEOIP6 = "2001:7fd::,2001:7fd:0:ffff:ffff:ffff:ffff:ffff,NL\n"


def prepare(work):
    """The program and its database under `work`, and the samples."""
    os.makedirs(f"{work}/bin")
    os.makedirs(f"{work}/share/mailsonde")
    os.makedirs(f"{work}/here")
    shutil.copy(PROGRAM, f"{work}/bin/mailsonde")
    os.symlink(os.path.abspath("samples"), f"{work}/here/samples")
    for name, text in (("geoip", GEOIP), ("geoip6", GEOIP6)):
        with open(f"{work}/{name}", "w", encoding="ascii") as file:
            file.write(text)
    subprocess.run(
        [PROGRAM, "geoip", "build", "--quiet", "--geoip", f"{work}/geoip"]
        + ["--geoip6", f"{work}/geoip6", "-o"]
        + [f"{work}/share/mailsonde/mailsonde-country.mmdb"],
        check=True,
    )


def without_network():
    """What stands in front of a command so that no packet can leave; nothing
    where the machine does not allow it."""
    words = ["unshare", "--user", "--map-root-user", "--net"]
    try:
        tried = subprocess.run([*words, "true"], capture_output=True, check=False)
    except OSError:
        return []
    return words if tried.returncode == 0 else []


ALONE = without_network()


def run(command, work):
    return subprocess.run(
        [*ALONE, "bash", "-c", command],
        cwd=f"{work}/here",
        env={**os.environ, "PATH": f"{work}/bin:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    ).stdout


def examples(block):
    """[(command, what it should print)]"""
    pieces = re.split(r"^\$ (.*)\n", block, flags=re.M)[1:]
    return list(zip(pieces[::2], pieces[1::2]))


def main():
    with open(README, encoding="utf-8") as file:
        text = file.read()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as work:
        prepare(work)

        def again(match):
            nonlocal passed, failed
            out = ""
            for command, wanted in examples(match[1]):
                got = run(command, work)
                out += f"$ {command}\n{got}"
                good = got == wanted
                passed += good
                failed += not good
                if not good and not BLESS:
                    print(f"FAILED: readme: {command}\n{got}")
            return f"```console\n{out}```"

        text = re.sub(r"```console\n(.*?)```", again, text, flags=re.S)
    if BLESS:
        with open(README, "w", encoding="utf-8") as file:
            file.write(text)
    print(f"readme: {passed} passed, {failed} failed, 0 skipped")
    return failed > 0 and not BLESS


if any(glob.glob(f"{folder}/*.mmdb") for folder in USUAL):
    print("SKIPPED: readme: this machine has databases of places of its own")
    print("readme: 0 passed, 0 failed, 1 skipped")
else:
    sys.exit(main())
