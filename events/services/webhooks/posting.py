"""One POST to a stranger's server: to the very address that was judged, and never for long."""

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore

from events.refusals import Refusal
from events.services.webhooks import targets
from events.services.webhooks.targets import ForbiddenTarget, Target

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
# So much of an answer is read, and the rest left unread.
_READ_BYTES = 4096
_OK, _REDIRECT, _ERROR = 200, 300, 400


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try; `error` is a short code, empty where the receiver took it."""

    error: str = ""
    status: int | None = None
    excerpt: str = ""
    retry_after: str = ""
    duration_ms: int = 0

    @property
    def taken(self) -> bool:
        return not self.error


def post(
    url: str, *, headers: Mapping[str, str], body: bytes, seconds: float = TOTAL_SECONDS
) -> Answer:
    """
    Send a body once and return what came of it, whatever that is.

    The name is resolved here and the connection made to that address, so that a name cannot lead
    elsewhere between the judgement and the call. Redirects are not followed, proxies not used.
    """
    began = time.monotonic()
    try:
        answer = _sent(targets.parsed(url), headers, body, deadline=began + seconds)
    except Refusal:
        answer = Answer("BAD_ADDRESS")
    except ForbiddenTarget:
        answer = Answer("FORBIDDEN_ADDRESS")
    except httpcore.TimeoutException:
        answer = Answer("TIMEOUT")
    except (httpcore.ConnectError, httpcore.NetworkError) as error:
        answer = Answer("TLS" if _is_about_tls(error) else "UNREACHABLE")
    except httpcore.ProtocolError:
        answer = Answer("NOT_HTTP")
    except OSError:
        answer = Answer("UNKNOWN_HOST")
    took = round((time.monotonic() - began) * 1000)
    return Answer(answer.error, answer.status, answer.excerpt, answer.retry_after, took)


def _sent(target: Target, headers: Mapping[str, str], body: bytes, *, deadline: float) -> Answer:
    addresses = [str(address) for address in targets.permitted(target)]
    sent = {"Host": target.authority, "Connection": "close", "Content-Length": str(len(body))}
    with (
        httpcore.ConnectionPool(
            ssl_context=_trust() if target.scheme == "https" else None,
            network_backend=_Pinned(addresses, deadline),
        ) as pool,
        pool.stream(
            "POST",
            httpcore.URL(
                scheme=target.scheme, host=target.host, port=target.port, target=target.path
            ),
            headers=list((sent | dict(headers)).items()),
            content=body,
        ) as response,
    ):
        content = b""
        for chunk in response.iter_stream():
            content += chunk
            if len(content) >= _READ_BYTES:
                break
        given = {name.lower(): value for name, value in response.headers}
        return Answer(
            error=_error_of(response.status),
            status=response.status,
            excerpt=content[:_READ_BYTES].decode(errors="replace"),
            retry_after=given.get(b"retry-after", b"").decode("latin-1")[:100],
        )


def _error_of(status: int) -> str:
    if _OK <= status < _REDIRECT:
        return ""
    return "REDIRECT" if _REDIRECT <= status < _ERROR else "STATUS"


def _is_about_tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


@cache
def _trust() -> ssl.SSLContext:
    """The machine's own authorities, or those of SSL_CERT_FILE."""
    return ssl.create_default_context()


class _Pinned(httpcore.NetworkBackend):
    """Connects to the judged addresses, whatever the name would lead to by now."""

    def __init__(self, addresses: list[str], deadline: float) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                left = min(CONNECT_SECONDS, _left(self._deadline))
                stream = self._network.connect_tcp(address, port, timeout=left)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Limited(stream, self._deadline)
        raise failure


class _Limited(httpcore.NetworkStream):
    """A connection of which every step ends by one moment: a trickle holds nobody up for long."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Limited(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
