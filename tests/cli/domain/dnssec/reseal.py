# SPDX-License-Identifier: ISC
# reseal.py - a record with another outcome of validation
#
# reseal.py STATUS SECURITY WHY <RECORD >RECORD
import hashlib
import re
import sys

status, security, why = sys.argv[1:]
last = ""
for line in sys.stdin:
    body = line[: line.rindex(',"hash":"')]
    if '"want":1' in body:
        body = re.sub(
            '"status":"[a-z]*","security":"[a-z]*"',
            f'"status":"{status}","security":"{security}"',
            body,
        )
        if why:  # nothing but a failure has one
            body = re.sub(',"responseMessage":.*', "", body)
            body += f',"why":"{why}"'
    last = hashlib.sha256((last + body).encode()).hexdigest()
    print(f'{body},"hash":"{last}"}}')
