# SPDX-License-Identifier: ISC
"""probe_python.py - the same probe, as one would write it in Python

probe_python.py SECONDS PORT...: a thread each, up to 200.
"""
import concurrent.futures
import smtplib
import ssl
import sys


CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


def probe(port):
    try:
        with smtplib.SMTP("127.0.0.1", port, "a.test", float(sys.argv[1])) as s:
            s.ehlo()
            s.starttls(context=CONTEXT)
            s.ehlo()
            return s.sock.getpeercert(True) is not None
    except OSError:
        return False


with concurrent.futures.ThreadPoolExecutor(200) as pool:
    done = sum(pool.map(probe, map(int, sys.argv[2:])))
print(done, "done")
sys.exit(done == 0)
