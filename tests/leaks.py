"""
Listening, through the whole suite, for secrets that are told where they may not be.

Each secret is noted where it is made. Whatever is logged, written to the database, refused or
answered to a GET is taken apart into what could be a secret; the test in which one turns up fails.
"""

import base64
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from events import vault
from licenses import statements
from licenses.services import emergency, key_links, replacing
from licensing_portal.logs import JsonFormatter
from licensing_portal.middleware import RequestId

_SECRET_LIKE = re.compile(r"[A-Za-z0-9._~+-]{16,}")
# What JSON writes before a character that stood right there.
_ESCAPED = re.compile(r'\\[nrt"]')
_WRITES = re.compile(r"\s*(INSERT|UPDATE|WITH)\b", re.IGNORECASE)
_FORMAT = JsonFormatter()
# What is told on purpose: (what, where).
_MAY_STAND = (
    # Whoever looks a licence up by its key knows the key.
    ("license key", "answer 200 of api-license-by-key"),
    # The page's own address, to which its button sends.
    ("key link", "answer 200 of key-link"),
    # Whoever is refused a seat may let their device take the place of another.
    ("replace token", "refusal 409 of activations"),
    # Whoever may activate a device without a network carries its response, as often as they like.
    ("encrypted value", "answer 200 of portal:offline-response"),
    ("encrypted value", "answer 200 of portal:offline-response-file"),
    ("encrypted value", "answer 200 of admin:licenses_license_offline-response"),
    ("encrypted value", "answer 200 of admin:licenses_license_offline-response-file"),
)

# What stands for a secret → what it is.
_made: dict[str, str] = {}
_told: set[tuple[str, str]] = set()


def note(what: str, secret: str) -> str:
    """Note a secret; its longest part that could be found in a text stands for it."""
    parts = _SECRET_LIKE.findall(secret)
    if parts:
        _made.setdefault(max(parts, key=len), what)
    return secret


def hear(where: str, text: str) -> None:
    """Take in what was told somewhere."""
    for part in _SECRET_LIKE.findall(_ESCAPED.sub(" ", text)):
        # At the end of a sentence, too.
        for word in {part, part.rstrip(".-")}:
            what = _made.get(word)
            if what and (what, where) not in _MAY_STAND:
                _told.add((what, where))


def told() -> list[str]:
    """Give which secrets were told where since the last time, and forget it."""
    found = sorted(f"{what} in {where}" for what, where in _told)
    _told.clear()
    return found


def listen() -> None:
    """Begin to listen, once the portal is set up: nothing behaves otherwise than before."""
    _after(vault, "digest", _note_key)
    _after(vault, "token_mac", lambda mac, *_args, **_kwargs: note("activation token", _token(mac)))
    _after(vault, "encrypt", _note_kept)
    _after(replacing, "_token", lambda token, *_args: note("replace token", token))
    _after(key_links, "digest_of", lambda _digest, token: note("key link", token))
    _after(emergency, "signed", lambda code, *_args, **_kwargs: note("emergency code", code))
    _after(RequestId, "__call__", _hear_answer)
    _before(statements, "fetch", _hear_statement)
    _before(statements, "run", _hear_statement)
    connection_created.connect(_listen_to, weak=False)
    for connection in connections.all(initialized_only=True):
        _listen_to(connection=connection)
    # A handler would be gone as soon as anybody configures logging anew.
    _before(logging.Logger, "callHandlers", _hear_line)


def _hear_line(_logger: logging.Logger, record: logging.LogRecord) -> None:
    """Hear a line as it stands in the log, its traceback and its extras included."""
    hear(f"the log of {record.name}", _FORMAT.format(record))


def _note_key(_digest: bytes, purpose: str, text: str) -> None:
    if purpose in ("license_key", "api_key", "emergency_code"):
        note(purpose.replace("_", " "), text)


def _note_kept(_sealed: str, text: str) -> None:
    # An answer that is kept is no secret, though one may stand in it.
    if _SECRET_LIKE.fullmatch(text.strip("=").replace("/", "+")):
        note("encrypted value", text)


def _token(mac: bytes) -> str:
    return "act_" + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def _hear_answer(response: Any, _middleware: Any, request: Any) -> None:
    refused = response.status_code >= 400
    if response.streaming or not (refused or request.method == "GET"):
        return
    match = request.resolver_match
    route = match.view_name if match else "no route"
    where = f"{'refusal' if refused else 'answer'} {response.status_code} of {route}"
    # Who is sent to another form of the address that they asked for knows it already.
    headers = [value for name, value in response.items() if name != "Location"]
    hear(where, " ".join([*headers, response.content.decode("utf-8", "replace")]))


def _listen_to(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if _hear_sql not in connection.execute_wrappers:
        connection.execute_wrappers.append(_hear_sql)


def _hear_sql(execute: Callable, sql: str, params: Any, many: bool, context: Any) -> Any:
    if _WRITES.match(sql):
        _hear_values(sql, [value for row in params or () for value in row] if many else params)
    return execute(sql, params, many, context)


def _hear_statement(sql: str, parameters: Any) -> None:
    if statements.on_postgresql() and _WRITES.match(sql):
        _hear_values(sql, parameters)


def _hear_values(sql: str, values: Any) -> None:
    given: Iterable[Any] = values.values() if isinstance(values, dict) else values or ()
    texts = [str(getattr(value, "obj", value)) for value in given if _may_tell(value)]
    hear(f"the database: {' '.join(sql.split()[:3])}", " ".join(texts))


def _may_tell(value: Any) -> bool:
    return (isinstance(value, str) and len(value) >= 16) or hasattr(value, "obj")


def _after(owner: Any, name: str, hook: Callable) -> None:
    """Let `hook` see what a function gave, and what it was given."""
    function = getattr(owner, name)

    @wraps(function)
    def heard(*args: Any, **kwargs: Any) -> Any:
        given = function(*args, **kwargs)
        hook(given, *args, **kwargs)
        return given

    setattr(owner, name, heard)


def _before(owner: Any, name: str, hook: Callable) -> None:
    function = getattr(owner, name)

    @wraps(function)
    def heard(*args: Any, **kwargs: Any) -> Any:
        hook(*args, **kwargs)
        return function(*args, **kwargs)

    setattr(owner, name, heard)


@contextmanager
def expected() -> Iterator[list[str]]:
    """Give what is told in the block to it alone, for tests of this very file."""
    before = set(_told)
    _told.clear()
    heard: list[str] = []
    try:
        yield heard
    finally:
        heard += told()
        _told.update(before)
