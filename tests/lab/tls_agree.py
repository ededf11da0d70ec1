# SPDX-License-Identifier: ISC
"""tls_agree.py - what --tls-scan and another scanner find in the same server

tls_agree.py PEER PROGRAM SCHEME HOST [PORT]; PEER is sslscan or testssl; with
PORT the server is on loopback. Prints each difference; status 1 when there is
one.
"""
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

PEER, PROGRAM, SCHEME, HOST, *PORT = sys.argv[1:]
PORTS = {
    "smtp": 25, "submissions": 465, "imap": 143, "imaps": 993, "pop3": 110,
    "pop3s": 995, "activesync": 443,
}  # fmt: skip
SPOKEN = ("smtp", "imap", "pop3")
WHERE = f"127.0.0.1:{PORT[0]}" if PORT else f"{HOST}:{PORTS[SCHEME]}"


def told(test, name, attribute):
    element = test.find(name)
    if element is None or element.get("supported") == "0":
        return None
    return element.get(attribute) == "1"


def sslscan():
    start = [f"--starttls-{SCHEME}"] if SCHEME in SPOKEN else []
    done = subprocess.run(
        ["sslscan", *start, f"--sni-name={HOST}", "--timeout=30", "--xml=-", WHERE],
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


def testssl():
    """Versions and suites; it names the groups in one list for all."""
    names = {"SSLv2": "SSLv2", "SSLv3": "SSLv3"}
    names |= {"TLS1": "TLSv1.0", "TLS1_1": "TLSv1.1"}
    names |= {"TLS1_2": "TLSv1.2", "TLS1_3": "TLSv1.3"}
    start = ["-t", SCHEME] if SCHEME in SPOKEN else []
    found = {"version": set(), "cipher": set()}
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(
            ["testssl", "--warnings", "off", *start, "-p", "-E", "--quiet",
             "--jsonfile", f"{work}/out", WHERE],
            capture_output=True, check=False,
        )  # fmt: skip
        with open(f"{work}/out", encoding="utf-8") as file:
            told_of = json.load(file)
    for item in told_of:
        name, said = item["id"], item["finding"]
        if name in names and said.startswith("offered"):
            found["version"].add(names[name])
        elif name.startswith("cipher-"):
            version, code = name.removeprefix("cipher-").rsplit("_x", 1)
            found["cipher"].add((names[version.upper()], int(code, 16)))
    return found, {}


def ours():
    led = ["--connect-to", f"::127.0.0.1:{PORT[0]}"] if PORT else []
    done = subprocess.run(
        [PROGRAM, "probe", "--json", "--tls-scan", "--timeout", "30", *led,
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


def handshake(version, *words):
    """What OpenSSL says of a handshake; empty: there was none."""
    start = ["-starttls", SCHEME] if SCHEME in SPOKEN else []
    flag = {"TLSv1.0": "-tls1", "TLSv1.1": "-tls1_1"}.get(
        version, version.replace("TLSv1.", "-tls1_")
    )
    done = subprocess.run(
        ["openssl", "s_client", "-connect", WHERE, *start, flag, *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if "Cipher is (NONE)" in done.stdout else done.stdout


def proved(what, item, scan):
    """What ours alone found, by a handshake: sslscan misses some where the
    certificate's own key is on a curve, or the server's replies come in parts.
    """
    version, found = item
    if what == "cipher":
        name = next(
            c["openssl_name"] for c in scan["ciphers"] if int(c["code"], 16) == found
        )
        listed = ("-ciphersuites", name)
        if version != "TLSv1.3":
            listed = ("-cipher", f"{name}:@SECLEVEL=0")
        return f"Cipher is {name}" in handshake(version, *listed)
    if what == "group":
        weak = ("-cipher", "ALL:@SECLEVEL=0")
        said = handshake(version, "-groups", f"{found}:secp256r1", *weak)
        key = next((x for x in said.splitlines() if "Temp Key" in x), "256v1")
        return found == "secp256r1" or "256v1" not in key and "P-256" not in key
    return False


def main():
    mine, facts, scan = ours()
    other, other_facts = {"sslscan": sslscan, "testssl": testssl}[PEER]()
    good = scan["complete"]
    for what, found in other.items():
        for item in sorted(found ^ mine[what], key=str):
            if item in mine[what] and any(
                proved(what, item, scan) for _ in range(3)
            ):
                continue
            good = False
            who = PEER if item in found else "ours"
            print(f"{what}: {item}: {who} alone")
    for name, value in facts.items():
        other_value = other_facts.get(name)
        if None not in (value, other_value) and value != other_value:
            print(f"{name}: ours {value}, {PEER} {other_value}")
            good = False
    sys.exit(not good)


main()
