#!/usr/bin/python3
"""Calls every operation of /openapi.json on a running server and holds status, headers and body
against the document. Usage: check_openapi.py BASE_URL (a server without tokens and with at least one
ended call; webhook signatures are off). Ends with 1 and every difference."""

import json
import sys
import time
import urllib.error
import urllib.request

import jsonschema

base = sys.argv[1]
problems = []
called = set()


def ask(method, path, body=None, headers=None, first_bytes=None):
    request = urllib.request.Request(base + path, data=body, method=method, headers=headers or {})
    try:
        answer = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        data = answer.read(first_bytes) if first_bytes else answer.read()
        return answer.status, answer.headers, data


document = json.loads(ask("GET", "/openapi.json")[2])


def resolve(node):
    while "$ref" in node:
        target = document
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        node = target
    return node


def validate(what, value, schema):
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema,
             "components": document["components"]}
    for error in jsonschema.Draft202012Validator(whole).iter_errors(value):
        problems.append(f"{what}: {error.json_path}: {error.message}")


def check(method, path, status, target=None, body=None, headers=None, first_bytes=None):
    """One call; `path` as in the document, `target` as asked."""
    what = f"{method} {target or path} -> {status}"
    operation = document["paths"][path][method.lower()]
    called.add((method, path))
    got, got_headers, data = ask(method, target or path, body, headers, first_bytes)
    if got != status:
        problems.append(f"{what}: answered {got}: {data[:200]!r}")
        return data
    described = operation["responses"].get(str(status))
    if described is None:
        problems.append(f"{what}: the document does not know this status")
        return data
    described = resolve(described)
    for name, header in described.get("headers", {}).items():
        header = resolve(header)
        if name in got_headers:
            validate(f"{what}: {name}", got_headers[name], header["schema"])
        elif header.get("required"):
            problems.append(f"{what}: no header {name}")
    content = described.get("content", {})
    if not content:
        if data:
            problems.append(f"{what}: a body that the document does not know")
        return data
    kind = got_headers.get_content_type()
    if kind not in content:
        problems.append(f"{what}: the document does not know {kind}")
        return data
    schema = content[kind]["schema"]
    if kind == "application/json":
        validate(what, json.loads(data), schema)
    elif kind.startswith("text/"):
        validate(what, data.decode(), schema)
    return data


form = {"Content-Type": "application/x-www-form-urlencoded"}
as_json = {"Content-Type": "application/json"}

jsonschema.Draft202012Validator.check_schema({"$defs": document["components"]["schemas"]})
check("GET", "/health", 200)
check("GET", "/ready", 200)
check("GET", "/metrics", 200)
check("GET", "/openapi.json", 200)
page = json.loads(check("GET", "/api/calls", 200))
check("GET", "/api/calls", 400, "/api/calls?offset=9223372036854775808")
call = page["data"][-1]
one = "/api/calls/" + call["id"]
for relation in ("recordings", "transcripts", "analytics"):
    if not call[relation]:
        problems.append(f"the call to look at has no {relation}: nothing was checked")
check("GET", "/api/calls/{id}", 200, one)
check("GET", "/api/calls/{id}", 404, "/api/calls/nope")
recording = "/api/calls/{id}/recording"
check("GET", recording, 200, one + "/recording")
check("GET", recording, 206, one + "/recording", headers={"Range": "bytes=0-43"})
check("GET", recording, 416, one + "/recording", headers={"Range": "bytes=999999999-"})
check("GET", recording, 404, "/api/calls/nope/recording")
notes = "/api/calls/{id}/notes"
check("POST", notes, 200, one + "/notes", b'{"notes":"checked"}', as_json)
check("POST", notes, 200, one + "/notes", b"notes=checked", form)
check("POST", notes, 400, one + "/notes", b"{}", as_json)
check("POST", notes, 404, "/api/calls/nope/notes", b'{"notes":"x"}', as_json)
check("POST", notes, 413, one + "/notes", b"x" * 102401, as_json)
hangup = "/api/calls/{id}/hangup"
check("POST", hangup, 404, "/api/calls/nope/hangup", b"")
check("POST", hangup, 409, one + "/hangup", b"")
for interval in ("hour", "day", "week"):
    check("GET", "/api/analytics", 200, "/api/analytics?interval=" + interval)
check("GET", "/api/analytics", 400, "/api/analytics?interval=year")
check("GET", "/api/status", 200, first_bytes=16)
check("GET", "/streams", 426)
caller = b"CallSid=CA000000000000000000000000000000aa&From=%2B15550001&To=%2B15550002"
for _ in range(60):  # a node whose lines are late, on a machine that is busy elsewhere, takes no call
    check("POST", "/twilio/incoming-call", 200, body=caller, headers=form)
    newest = json.loads(check("GET", "/api/calls", 200, "/api/calls?status=active"))
    if newest["data"]:
        break
    time.sleep(0.5)
check("POST", "/twilio/stream-status", 200, body=caller, headers=form)
check("POST", "/twilio/call-status", 200, body=caller + b"&CallStatus=ringing", headers=form)
erase = "/api/calls/{id}"
check("DELETE", erase, 404, "/api/calls/nope")
check("DELETE", erase, 204, one)
check("GET", "/api/calls/{id}", 404, one)
if newest["data"]:
    check("DELETE", erase, 409, "/api/calls/" + newest["data"][0]["id"])
    check("POST", hangup, 202, "/api/calls/" + newest["data"][0]["id"] + "/hangup", b"")
else:
    problems.append("the webhook made no active call")
check("POST", "/twilio/stream-ended", 200, body=caller, headers=form)
check("POST", "/twilio/dial-ended", 200, body=caller, headers=form)

for path, item in document["paths"].items():
    for method in item:
        if method != "parameters" and (method.upper(), path) not in called:
            problems.append(f"{method.upper()} {path} was not called")
print("\n".join(problems) or f"{len(called)} operations agree")
sys.exit(1 if problems else 0)
