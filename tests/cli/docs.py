# SPDX-License-Identifier: ISC
# docs.py - pages and tables say the same
#
# docs.py PROGRAM LIST-CHECKS; run at the root of the tree. Walks the tables of
# commands, options, checks, limits and JSON members, and runs the examples of
# the man pages. Prints what does not fit, and
# "docs: N passed, N failed, N skipped".
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(sys.argv[1])
LIST_CHECKS = os.path.abspath(sys.argv[2])
counts = {"passed": 0, "failed": 0, "skipped": 0}


def check(good, text):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED: docs: {text}")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def run(*words):
    return subprocess.run(
        [PROGRAM, *words], capture_output=True, text=True, check=False
    )


def same(what, here, there, first, second):
    """Both sets hold the same; each difference is a failure of its own."""
    for name in sorted(here | there):
        check(
            name in here and name in there,
            f"{what} {name} stands in {first if name in here else second} "
            f"and not in {second if name in here else first}",
        )


def commands():
    return re.findall(r"^  ([a-z]+) ", run("--help").stdout, re.M)


def options_in_help(command):
    """{(letter or "", long name, value or "")}"""
    return set(
        re.findall(
            r"^  (?:-(\w),|   ) --([a-z0-9-]+) ?([A-Z][A-Z0-9:]*)?",
            run(command, "--help").stdout,
            re.M,
        )
    )


def options_in_page(page):
    return set(
        re.findall(
            r"^\.It (?:Fl (\w) , )?Fl -([a-z0-9-]+)(?: Ar (\S+))?",
            page,
            re.M,
        )
    )


def test_commands():
    overview = read("man/mailsonde.1")
    changes = read("README.md").split("## Changes")[1]
    for command in commands():
        check(f"`{command}`" in changes, f"README.md, Changes: `{command}`")
        path = f"man/mailsonde-{command}.1"
        check(f".It Cm {command}\n" in overview, f"mailsonde(1): {command}")
        check(os.path.exists(path), f"{path} is missing")
        if not os.path.exists(path):
            continue
        page = read(path)
        same(
            "option",
            {" ".join(o) for o in options_in_help(command)},
            {" ".join(o) for o in options_in_page(page)},
            f"{command} --help",
            path,
        )
        for section in "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "EXAMPLES":
            check(f".Sh {section}\n" in page, f"{path}: {section}")
        check(
            f".Xr mailsonde-{command} 1" in overview,
            f"mailsonde(1) does not refer to {command}",
        )
        check(
            max(map(len, run(command, "--help").stdout.splitlines())) <= 80,
            f"{command} --help is wider than 80 columns",
        )
    for name in os.listdir("man"):
        command = re.fullmatch(r"mailsonde-(\w+)\.1", name)
        check(
            not command or command[1] in commands(),
            f"man/{name}: there is no such command",
        )


def test_option_rows():
    """No row that no command takes."""
    shown = {o[1] for c in commands() for o in options_in_help(c)}
    rows = set(re.findall(r'^\t\{ "([a-z0-9-]+)",', read("cmd/options.c"), re.M))
    same("option", rows, shown, "cmd/options.c", "a command's --help")
    groups = re.findall(r"^\tOPT_\w+ = 1 << (\d+),", read("cmd/options.h"), re.M)
    check(len(groups) == len(set(groups)), "two groups of options are one")


def test_checks():
    page = read("man/mailsonde-checks.7")
    listed = subprocess.run(
        [LIST_CHECKS], capture_output=True, text=True, check=True
    ).stdout
    entries = {
        e[0]: e
        for e in re.findall(
            r"^\.It Sy (\S+) Pq (\w+)\n(.*?)(?=^\.(?:It|El))", page, re.M | re.S
        )
    }
    for line in listed.splitlines():
        ident, severity, reference, _ = line.split("\t")
        entry = entries.get(ident)
        check(entry is not None, f"mailsonde-checks(7) lacks {ident}")
        if entry is None:
            continue
        check(entry[1] == severity, f"checks(7): {ident} is {severity}")
        check(
            reference in entry[2].replace("\n", " "),
            f"checks(7): {ident} rests on {reference}",
        )
    sources = "".join(
        read(os.path.join(folder, name))
        for folder in ("lib/check", "lib/report", "lib/domain", "lib/probe", "cmd")
        for name in os.listdir(folder)
        if name.endswith(".c")
    )
    found = set(re.findall(r'\bid = "([a-z0-9]+-[a-z0-9-]+)"', sources))
    found |= set(re.findall(r'say\(check, report, "([a-z0-9-]+)"', sources))
    found |= set(re.findall(r'"(dkim-[a-z0-9-]+)"', sources))
    found |= set(
        re.findall(r'feedback_find_\w+\(\s*report, "([a-z0-9-]+)"', sources)
    )
    found |= set(
        re.findall(
            r'domain_outcome\(\s*(?:\w+->)?subject,\s*"([a-z0-9-]+)"', sources
        )
    )
    found |= set(
        re.findall(
            r'(?:unusable|wrong|get)\(\s*s(?:ubject)?,\s*"([a-z0-9]+-[a-z0-9-]+)"',
            sources,
        )
    )
    described = set(re.findall(r"^(?:\.It )?\.?Sy ([a-z0-9]+-[a-z0-9-]+)", page, re.M))
    same("finding", found, described, "the sources", "mailsonde-checks(7)")
    wanted = ""
    for folder, _, names in os.walk("tests/cli"):
        for name in names:
            if name in (
                "want.txt", "want.json", "run_probe.sh", "run_login.sh",
                "run_tls_scan.sh", "roundtrip.py",
            ):  # fmt: skip
                wanted += read(os.path.join(folder, name))
    wanted += read("tests/fetch/fetch.py") + read("tests/tls/tls.py")
    wanted += read("tests/fetch/settings.py")
    for ident in sorted(found):
        check(
            re.search(rf"\b{ident}\b", wanted) is not None,
            f"no case in tests shows the finding {ident}",
        )


def test_limits():
    rows = re.findall(
        r"^\tsize_t (\w+);\s*/\* (.*?) \*/",
        read("include/mailsonde/limits.h"),
        re.M | re.S,
    )
    listed = re.findall(r"^\.It (\w+) Ta (.*)", read("man/mailsonde.1"), re.M)
    same(
        "limit",
        {f"{name}: {' '.join(text.split())}" for name, text in rows},
        {f"{name}: {text}" for name, text in listed},
        "limits.h",
        "mailsonde(1)",
    )


def test_json_members():
    schema = json.loads(run("schema").stdout)
    page = read("man/mailsonde-json.5")
    for name in schema["properties"]:
        check(
            re.search(rf"\b{name}\b", page) is not None,
            f"mailsonde-json(5) does not name {name}",
        )
    enum = set(schema["properties"]["command"]["enum"])
    silent = {"schema", "completion", "serve"}
    same(
        "command",
        set(commands()) - silent,
        enum,
        "mailsonde --help",
        "the schema",
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


def runnable(command, before):
    """Why an example is not run; None when it is."""
    if "needs the network" in before:
        return "needs the network"
    for word in re.findall(r"\| (\w+)", command):
        if word != "mailsonde" and not shutil.which(word):
            return f"{word} is not installed"
    return None


def test_examples():
    """`.Dl $ ...` in the EXAMPLES; in front of one that needs the network
    stands the comment `.\\" needs the network`."""
    root = os.getcwd()
    alone = without_network()
    for name in sorted(os.listdir("man")):
        lines = read(f"man/{name}").splitlines()
        for number, line in enumerate(lines):
            if not line.startswith(".Dl $ "):
                continue
            command = line[len(".Dl $ ") :].replace("\\e", "\\")
            why = runnable(command, lines[number - 1])
            if why:
                print(f"SKIPPED: docs: {name}: {command}: {why}")
                counts["skipped"] += 1
                continue
            with tempfile.TemporaryDirectory() as work:
                os.mkdir(f"{work}/bin")
                os.symlink(PROGRAM, f"{work}/bin/mailsonde")
                os.symlink(f"{root}/samples", f"{work}/samples")
                done = subprocess.run(
                    [*alone, "bash", "-o", "pipefail", "-c", command],
                    cwd=work,
                    env={**os.environ, "PATH": f"{work}/bin:{os.environ['PATH']}"},
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    check=False,
                )
            check(
                done.returncode in (0, 1) and not done.stderr,
                f"{name}: {command}: status {done.returncode}: {done.stderr}",
            )


def test_dependencies():
    """Every package that the Makefile installs has its row and reason."""
    makefile = read("Makefile").replace("\\\n", " ")
    packages = set()
    for line in re.findall(r"^DEPS_\w+\s*:=(.*)", makefile, re.M):
        packages |= set(line.split())
    packages.add("tor-geoipdb")
    rows = re.findall(
        r"^\| (.*?) \|", read("README.md").split("## Dependencies")[1], re.M
    )
    listed = {name for row in rows for name in row.split(", ")}
    listed -= {"package", "---"}
    same("package", packages, listed, "the Makefile", "README.md")


def announced():
    """Layers that have a public header and no code yet."""
    layers = re.findall(
        r"^\t(\w+\.h)[^)]*\) echo (\w+)", read("tests/lint/layers.sh"), re.M
    )
    return {
        layer
        for header, layer in layers
        if os.path.exists(f"include/mailsonde/{header}")
        and layer != "env"
        and not os.path.isdir(f"lib/{layer}")
    }


def test_map():
    """lib/README.md: a row a folder, and the doors that the lint knows."""
    page = read("lib/README.md")
    folders = {f for f in os.listdir("lib") if os.path.isdir(f"lib/{f}")}
    folders |= announced()
    rows = page.split("## The map")[1].split("## ")[0]
    same(
        "folder",
        folders,
        set(re.findall(r"^\| (\w+) \| (?!holds)", rows, re.M)),
        "lib/",
        "lib/README.md",
    )
    doors = {
        f"{header}: {files}".replace("$(echo lib/dns/*.c)", "lib/dns/")
        for header, files in re.findall(
            r"^door (\S+) (.*)$",
            re.sub(r"\\\n\s*", "", read("tests/lint/layers.sh")),
            re.M,
        )
    }
    rows = page.split("## One door")[1].split("## ")[0]
    listed = {
        f"{header}: " + " ".join(re.findall(r"`([^`]+)`", files))
        for header, files in re.findall(r"^\| `(\S+)` \| (.*) \|$", rows, re.M)
    }
    same("door", doors, listed, "layers.sh", "lib/README.md")


def test_targets():
    """`make help` names the targets that the README and .ci/run use."""
    shown = set(
        re.findall(
            r"^  ([a-z-]+)",
            subprocess.run(
                ["make", "-s", "help"], capture_output=True, text=True, check=False
            ).stdout,
            re.M,
        )
    )
    used = set()
    for page in "README.md", "lib/README.md", ".ci/run":
        for words in re.findall(r"(?:^|`)make ([a-z][a-z -]*)", read(page), re.M):
            used |= set(words.split())
    for target in sorted(used):
        check(target in shown, f"make help does not name {target}")
    check("make deps test\n" in read(".ci/run"), ".ci/run: make deps test")
    check("\nmake deps test " in read("README.md"), "README.md: make deps test")


def test_files_named():
    """Every path that the READMEs name is there."""
    for page in "README.md", "lib/README.md", "samples/README.md":
        if not os.path.exists(page):
            continue
        for path in re.findall(
            r"`((?:\.ci|cmd|include|lib|man|samples|tests)/[\w./-]*)`", read(page)
        ):
            check(
                os.path.exists(path) or path.split("/")[1] in announced(),
                f"{page}: there is no {path}",
            )
    listed = set(re.findall(r"^\| (messages/\S+) ", read("samples/README.md"), re.M))
    there = {f"messages/{name}" for name in os.listdir("samples/messages")}
    same("sample", there, listed, "samples", "samples/README.md")


for test in list(globals().values()):
    if getattr(test, "__name__", "").startswith("test_"):
        test()
print("docs: {passed} passed, {failed} failed, {skipped} skipped".format(**counts))
sys.exit(counts["failed"] > 0)
