"""A real HTTP server on loopback that takes webhooks, refuses them, or behaves badly."""

import json
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import time_machine
from standardwebhooks import Webhook


@dataclass
class Receiver:
    """What the server was sent, and how it answers."""

    status: int = 200
    says: bytes = b"thanks"
    headers: dict[str, str] = field(default_factory=dict)
    # Seconds before the answer, and between its bytes.
    waits: float = 0
    trickles: float = 0
    # Statuses of the first answers; then `status`.
    at_first: list[int] = field(default_factory=list)
    # Other answers by what stands in the body.
    fails_on: dict[str, int] = field(default_factory=dict)
    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def verified(self, secret: str) -> list[Any]:
        """Return what came, each checked as a receiver checks it; a wrong signature raises."""
        checked = []
        for headers, body in self.got:
            # Receivers refuse what is older than five minutes.
            with time_machine.travel(int(headers["webhook-timestamp"]), tick=False):
                checked.append(Webhook(secret).verify(body, headers))
        return checked

    @property
    def types(self) -> list[str]:
        return [message["data"]["type"] for message in self.messages]

    @property
    def messages(self) -> list[Any]:
        return [json.loads(body) for _, body in self.got]

    def status_for(self, body: str) -> int:
        for text, status in self.fails_on.items():
            if text in body:
                return status
        return self.at_first.pop(0) if self.at_first else self.status


@contextmanager
def receiver(*, certificate: Path | None = None, **behaviour: Any) -> Iterator[Receiver]:
    """Serve on a port of its own for as long as the block runs."""
    told = Receiver(**behaviour)

    class Talk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.got.append((dict(self.headers), body))
            status = told.status_for(body.decode())
            time.sleep(told.waits)
            self.send_response(status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.says)))
            self.end_headers()
            step = 1 if told.trickles else len(told.says) or 1
            for start in range(0, len(told.says), step):
                self.wfile.write(told.says[start : start + step])
                time.sleep(told.trickles)

        def log_message(self, *_: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Who hangs up on us is what some tests are about."""

    with Server(("127.0.0.1", 0), Talk) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        told.url = f"{scheme}://127.0.0.1:{server.server_port}/hook?for=us"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()


def self_signed(folder: Path, *, address: str = "127.0.0.1") -> Path:
    """Make a certificate that nobody vouches for."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=hooks",
         "-addext", f"subjectAltName=IP:{address}"],
        check=True, capture_output=True,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_text(key.read_text() + certificate.read_text())
    return both
