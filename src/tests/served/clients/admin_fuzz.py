"""Calls of the admin endpoint that nobody would make: what is refused changes nothing, and no page of a stranger is heard.

Called with its port. The examples are the same in every run.
"""

import json
import re
import socket
import sys
import urllib.parse
from random import Random

PATIENCE = 30
EXAMPLES = 400

port = int(sys.argv[1])
OURS = [f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"]
EVIL_HOSTS = ["evil.test", f"evil.test:{port}", f"localhost:{port}.evil.test", "", "0.0.0.0", f"localhost:{port}, evil.test"]
EVIL_ORIGINS = ["http://evil.test", "null", f"http://{OURS[0]}.evil.test", f"http://{OURS[0]}@evil.test", "file://"]
calls = {"accepted": 0, "refused": 0, "strangers": 0}


def call(method, path, fields=(), body=b""):
    """One call on a connection of its own: the status, the body and the head."""
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields)
    with socket.create_connection(("127.0.0.1", port)) as stream:
        stream.settimeout(PATIENCE)
        try:
            stream.sendall(head.encode("latin-1", "replace") + b"Connection: close\r\n\r\n" + body)
        except OSError:
            pass
        said = b""
        try:
            while more := stream.recv(65536):
                said += more
        except ConnectionError:
            pass
    if not said:
        return 0, b"", b""
    head, _, rest = said.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), rest, head


def config():
    status, text, _ = call("GET", "/config/", [("Host", OURS[0])])
    assert status == 200, f"the config cannot be read: {status}"
    return text


base = config()


def is_foreign(fields, method):
    """Whether a call has another host, or would change something for a page of a stranger."""
    given = dict(fields)
    reads = method in ("GET", "HEAD", "OPTIONS")
    return given["Host"] in EVIL_HOSTS or (not reads and given.get("Origin") in EVIL_ORIGINS)


def ends_it(path):
    """Whether a call that is heard may take the endpoint away, or the server: such ones are only made by strangers."""
    steps = [step for step in urllib.parse.unquote(path.partition("?")[0]).split("/") if step not in ("", ".", "..")]
    return not steps or "stop" in steps or ("config" in steps and (steps[-1] == "config" or "admin" in steps)) or ".." in path


NAMES = ["apps", "http", "servers", "srv0", "routes", "handle", "0", "1", "-1", "...", "listen", "admin", "logging", "tls", "nope", "%00", "%2f", "..", "@id", "99999999999999999999", "%c3%a9", "a%20b", "~1"]
PATHS = ["/load", "/adapt", "/stop", "/metrics", "/reverse_proxy/upstreams", "/pki/ca/local", "/pki/ca/local/certificates", "/pki/ca/nope", "/debug/vars", "/debug/pprof/", "/", "*", "/nope", "/load/", "//load", "/LOAD", "/load%00", "/config"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "COW", "POST", "PUT", "PATCH"]
KINDS = ["text/caddyfile", "text/plain", "", "application/json; charset=utf-8", "text/caddyfile; a=b", "multipart/form-data; boundary=x", "json", "application/x-www-form-urlencoded"]
KEYS = ["handler", "handle", "match", "routes", "listen", "apps", "http", "servers", "@id", "module", "status_code", "body", "upstreams", "dial", "", "x"]
LEAVES = [None, True, False, 0, -1, 1 << 70, 0.5, "", "static_response", "reverse_proxy", ":0", "{env.HOME}", "127.0.0.1:1", "tcp/127.0.0.1:0", "\u0000", "é"]
# Calls as they are meant, so that there is something to be refused from.
MEANT = ["/config/apps/http/servers/more", "/config/apps/http/servers/more", "/config/apps/http/servers/srv1/routes", "/config/apps/http/servers/srv1/routes/0", "/config/apps/http/servers/srv1/listen", "/config/logging", "/adapt"]
MEANT_BODIES = [b'{"listen": ["127.0.0.1:0"], "routes": [{"handle": [{"handler": "static_response", "body": "a"}]}]}', b'{"handle": [{"handler": "static_response"}]}', b'["127.0.0.1:0"]', b'"127.0.0.1:0"', b"{}", b"null"]
ODD_BODIES = [b"", b"[" * 20000, b'{"a":' * 5000, b"1e999", b"-", b'"\\ud800"', b"\xef\xbb\xbf{}", b"{} {}", b'{"a":1,"a":2}', b"\x00", b'{"apps":{"http":{"servers":7}}}']
CADDYFILES = ["http://:0 {\n\trespond hello\n}\n", "import *\n", "nope\n", "a.test {\n\tnope\n}\n", "http://:0 {\n\timport /etc/passwd\n}\n"]
own_options = f"{{\n\tadmin localhost:{port}\n}}\n"
random = Random(20261126)


def a_path():
    kind = random.randrange(5)
    if kind == 0:
        return random.choice(PATHS)
    if kind == 1:
        return "/" + "".join(random.choice("/.%2e2fconfigload?#&=;\\") for _ in range(random.randrange(30)))
    if kind == 2:
        return "/config/" + "/".join(random.choices(NAMES, k=random.choice([90, 100, 120])))
    return random.choice(["/config/", "/config/", "/id/"]) + "/".join(random.choices(NAMES, k=random.randrange(6)))


def a_value(depth=0):
    kind = random.randrange(3) if depth < 4 else 0
    if kind == 0:
        return random.choice(LEAVES)
    if kind == 1:
        return [a_value(depth + 1) for _ in range(random.randrange(4))]
    return {random.choice(KEYS): a_value(depth + 1) for _ in range(random.randrange(4))}


def a_body():
    kind = random.randrange(7)
    if kind == 0:
        # The whole config with a value somewhere in it; the endpoint stays where it is.
        whole = json.loads(base)
        whole["apps"]["http"]["servers"]["more"] = a_value()
        return json.dumps(whole).encode()
    if kind == 1:
        return json.dumps(a_value()).encode()[:-1]
    if kind == 2:
        return b"{" + random.randbytes(random.randrange(60))
    if kind == 3:
        return random.choice(ODD_BODIES)
    if kind == 4:
        return (own_options + "".join(random.choice("abc {}\n\"`*:/.#@\\$") for _ in range(random.randrange(60)))).encode()
    if kind == 5:
        return (own_options + random.choice(CADDYFILES)).encode()
    return json.dumps(a_value()).encode()


def some_fields():
    """Mostly those of a caller who may."""
    fields = [("Host", random.choice(OURS if random.random() < 0.8 else EVIL_HOSTS + [f"LOCALHOST:{port}", "localhost"]))]
    if random.random() < 0.2:
        fields.append(("Origin", random.choice(EVIL_ORIGINS + [f"http://{OURS[0]}", f"https://{OURS[0]}", "", "http://localhost"])))
    if random.random() < 0.1:
        fields.append(("Sec-Fetch-Mode", random.choice(["no-cors", "cors", "navigate", "same-origin"])))
    fields.append(("Content-Type", "application/json" if random.random() < 0.7 else random.choice(KINDS)))
    return fields


def keeps_the_endpoint(path, body):
    """A whole config that is loaded has to name our endpoint: another would be opened elsewhere."""
    if not re.search("load", path, re.IGNORECASE):
        return True
    try:
        return json.loads(body)["admin"]["listen"] == f"localhost:{port}"
    except (ValueError, TypeError, KeyError, RecursionError):
        return body.startswith(own_options.encode()) or body.startswith((b"[[", b'{"a":{')) or body[:1] in (b"\x00", b"-")


def nothing_that_is_refused_changes_anything():
    if random.random() < 0.4:
        method, path, body = random.choice(METHODS[:6]), random.choice(MEANT), random.choice(MEANT_BODIES)
    else:
        method, path, body = random.choice(METHODS), a_path(), a_body()
    fields = some_fields()
    if method not in ("GET", "HEAD", "OPTIONS") and (ends_it(path) or not keeps_the_endpoint(path, body)):
        fields[0] = ("Host", "evil.test")
    if random.random() < 0.2 and body:
        fields.append(("Transfer-Encoding", "chunked"))
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    else:
        fields.append(("Content-Length", len(body)))
    status, said, head = call(method, path, fields, body)
    what = f"{method} {path} {fields} {body[:200]!r} was answered {status} {said[:300]!r}"
    has_cause = status >= 500 and b'"error":"' in said and len(said) > 15
    assert 200 <= status < 500 or has_cause, what
    assert b"evil.test" not in head or b"llow-Origin" not in head, what
    if is_foreign(fields, method):
        calls["strangers"] += 1
        assert status >= 400, what
    after = config()
    if status >= 400 or method in ("GET", "HEAD", "OPTIONS"):
        calls["refused"] += status >= 400
        assert after == base, f"{what}, and the config is another one"
        return
    calls["accepted"] += 1
    if after != base:
        status, said, _ = call("POST", "/load", [("Host", OURS[0]), ("Content-Type", "application/json"), ("Content-Length", len(base))], base)
        assert status == 200, f"the first config cannot be loaded any more: {status} {said!r}"
        assert config() == base


for _ in range(EXAMPLES):
    nothing_that_is_refused_changes_anything()
assert min(calls.values()) >= 20, calls
print(f"accepted {calls['accepted']}, refused {calls['refused']}, of strangers {calls['strangers']}")
