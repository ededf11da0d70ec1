# SPDX-License-Identifier: ISC
# schema.py - does what the commands print follow the schema?
#
# schema.py SCHEMA FILE...: each FILE is JSON (one document or an array) or
# NDJSON. Prints what does not fit, and "N passed, N failed". Beyond the
# schema: every field is described in it, and no text stands for "absent".
import json
import sys

import jsonschema


def strict(node):
    """The schema again, with no field allowed that it does not name."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: strict(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and "type" in node:
        out.setdefault("additionalProperties", False)
    return out


def documents(path):
    """(where, document) for each subject in the file."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        whole = json.loads(text)
        items = whole if isinstance(whole, list) else [whole]
    except json.JSONDecodeError:
        items = [json.loads(line) for line in text.splitlines()]
    for number, item in enumerate(items):
        yield f"{path} [{number}]", item


# What may be empty, because it was there and held nothing.
EMPTY = {"value", "raw", "filename", "text"}


def empty_texts(node, path="", key=""):
    if isinstance(node, dict):
        for name, value in node.items():
            yield from empty_texts(value, f"{path}.{name}", name)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from empty_texts(value, f"{path}[{number}]", key)
    elif node == "" and key not in EMPTY:
        yield path


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(strict(schema), format_checker=jsonschema.FormatChecker())
    passed = failed = 0
    for path in sys.argv[2:]:
        for where, document in documents(path):
            errors = [
                f"{cause.json_path}: {cause.message[:300]}"
                for error in validator.iter_errors(document)
                for cause in [jsonschema.exceptions.best_match([error])]
            ]
            errors += [f"{at}: empty text" for at in empty_texts(document)]
            for error in errors[:5]:
                print(f"FAILED: {where}: {error}")
            passed += not errors
            failed += bool(errors)
    print(f"{passed} passed, {failed} failed")


main()
