# SPDX-License-Identifier: ISC
"""tls_agree.py - what --tls-scan and sslscan find in the same server

tls_agree.py PROGRAM SCHEME HOST [PORT]; with PORT the server is on loopback.
Prints each difference; status 1 when there is one.
"""
import json
import subprocess
import sys
import xml.etree.ElementTree as tree

PROGRAM, SCHEME, HOST, *PORT = sys.argv[1:]
PORTS = {
    "smtp": 25, "submissions": 465, "imap": 143, "imaps": 993, "pop3": 110,
    "pop3s": 995, "activesync": 443,
}  # fmt: skip
SPOKEN = ("smtp", "imap", "pop3")


def told(test, name, attribute):
    element = test.find(name)
    if element is None or element.get("supported") == "0":
        return None
    return element.get(attribute) == "1"


def theirs():
    start = [f"--starttls-{SCHEME}"] if SCHEME in SPOKEN else []
    where = f"127.0.0.1:{PORT[0]}" if PORT else f"{HOST}:{PORTS[SCHEME]}"
    done = subprocess.run(
        ["sslscan", *start, f"--sni-name={HOST}", "--xml=-", where],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    test = tree.fromstring(done.stdout).find("ssltest")
    found = {"version": set(), "cipher": set(), "group": set()}
    for cipher in test.findall("cipher"):
        found["cipher"].add((cipher.get("sslversion"), int(cipher.get("id"), 16)))
    for group in test.findall("group"):
        name = group.get("name").split()[0]
        found["group"].add((group.get("sslversion"), name))
    for protocol in test.findall("protocol"):
        if protocol.get("enabled") == "1":
            kind = "TLSv" if protocol.get("type") == "tls" else "SSLv"
            found["version"].add(kind + protocol.get("version"))
    return found, {
        "compression": told(test, "compression", "supported"),
        "secure_renegotiation": told(test, "renegotiation", "secure"),
        "fallback_scsv": told(test, "fallback", "supported"),
    }


def ours():
    led = ["--connect-to", f"::127.0.0.1:{PORT[0]}"] if PORT else []
    done = subprocess.run(
        [PROGRAM, "probe", "--json", "--tls-scan", "--timeout", "20", *led,
         f"{SCHEME}://{HOST}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    scan = json.loads(done.stdout)["server"]["tls"]["scan"]
    if not scan["complete"]:
        print("ours is not complete:", scan["stopped"])
    found = {
        "version": {v["version"] for v in scan["versions"] if v["offered"]},
        "cipher": {(c["version"], int(c["code"], 16)) for c in scan["ciphers"]},
        "group": {(g["version"], g["name"]) for g in scan["groups"]},
    }
    facts = {"fallback_scsv": scan["fallback_scsv"]}
    for version in scan["versions"]:
        if version["offered"] and "compression" in version:
            facts["compression"] = version["compression"]
            facts["secure_renegotiation"] = version["secure_renegotiation"]
            break
    return found, facts, scan


def excused(what, item, scan):
    """Where sslscan is known to see less: groups beside the one of the
    certificate's own key, which it stops offering."""
    names = [c["name"] for c in scan["ciphers"] if c["version"] == item[0]]
    return (
        what == "group"
        and any("ECDHE_ECDSA" in name for name in names)
        and not any("ECDHE_RSA" in name for name in names)
    )


def main():
    mine, facts, scan = ours()
    other, other_facts = theirs()
    good = scan["complete"]
    for what, found in mine.items():
        for item in sorted(found ^ other[what], key=str):
            if item in found and excused(what, item, scan):
                continue
            good = False
            who = "ours" if item in found else "sslscan"
            print(f"{what}: {item}: {who} alone")
    for name, value in facts.items():
        if None not in (value, other_facts[name]) and value != other_facts[name]:
            print(f"{name}: ours {value}, sslscan {other_facts[name]}")
            good = False
    sys.exit(not good)


main()
