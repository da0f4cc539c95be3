"""The hot store in Redis: one trip for a device call, and copies that are never stale."""

import hashlib
import logging
import os
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import redis
from redis.exceptions import NoScriptError, RedisError

from licenses.hot.absent import AbsentStore
from licenses.hot.limits import (
    FORGIVEN_AFTER,
    LONGEST_DELAY,
    PER_SEAT,
    WITHOUT_SEATS,
    Count,
    Limit,
)
from licenses.hot.protocol import Document, Question, Reply

log = logging.getLogger(__name__)

# A call waits so long for an answer before it does without.
_PATIENCE = 0.25
# A Redis that is away is left alone for so long: each call to it would wait for its timeout.
_LEFT_ALONE = 1.0
_KEPT = 3_600
# Longer than any statement or request may run, so that no reader of the old row is left then.
_BARRED = 120
_BATCH = 5_000
# Beyond so many changes that Redis has not heard of, it is told to forget every copy instead.
_MOST_OWED = 10_000


class RedisStore:
    """Keeps copies, limits and heartbeats in Redis; does without while Redis is away."""

    def __init__(self, url: str) -> None:
        pool = redis.ConnectionPool.from_url(
            url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE
        )
        # One connection a thread: the pool's own bookkeeping costs more than the question.
        self._connect = partial(pool.connection_class, **pool.connection_kwargs)
        self._local = threading.local()
        self._away_until = 0.0
        self._without = AbsentStore()
        # Changes that Redis has not heard of, while it was away.
        self._owed: dict[str, int] = {}
        self._owing = threading.Lock()

    def ask(self, question: Question) -> Reply:
        """Spend the limits, find the documents and keep the heartbeat in one trip."""
        token, license, now = question.token, question.license, question.now
        answer = self._try(
            _DOOR,
            question.kind,
            question.digest.hex(),
            question.fingerprint.hex(),
            question.address,
            f"{now:.3f}",
            os.urandom(8).hex(),
            question.beat,
            *(("", "", "") if token is None else (token.calls, token.window(now), token.seconds)),
            *(
                ("", "", "")
                if license is None
                else (license.calls, license.window(now), license.seconds)
            ),
            WITHOUT_SEATS,
            PER_SEAT,
            question.version,
        )
        if answer is None:
            return self._without.ask(question)
        # One string, the documents behind a line of numbers: an array takes longer to read.
        numbers, _, documents = answer.partition(b"\n")
        blocked, boot, of_token, of_license, limit, kept, size, till = numbers.split(b" ")
        end, last = int(size), int(till)
        reply = Reply(
            license=documents[:end] or None,
            device=documents[end:last] or None,
            release=documents[last:] or None,
            blocked_for=float(blocked),
            beat_kept=kept == b"1",
            boot=boot,
        )
        if of_token != b"0" and token is not None:
            reply.counts.append(Count(token.calls, int(of_token), token.resets_in(now)))
        if of_license != b"0" and license is not None:
            reply.counts.append(Count(int(limit), int(of_license), license.resets_in(now)))
        return reply

    def hit(self, caller: str, limit: Limit, *, now: float) -> Count:
        """Count one call of any caller."""
        used = self._try(_HIT, caller, limit.window(now), limit.seconds)
        if used is None:
            return self._without.hit(caller, limit, now=now)
        return Count(limit.calls, used, limit.resets_in(now))

    def fail(self, address: str, limit: Limit, *, now: float) -> None:
        """Charge an address with an unknown key or token."""
        charged = self._try(
            _FAIL,
            address,
            f"{now:.3f}",
            limit.window(now),
            limit.calls,
            LONGEST_DELAY,
            FORGIVEN_AFTER,
        )
        if charged is None:
            self._without.fail(address, limit, now=now)

    def put(self, documents: Sequence[Document], *, boot: bytes) -> None:
        """Keep copies, unless something newer stands there or the store was emptied since."""
        if not boot:
            return
        arguments: list[Any] = [boot, _KEPT]
        for document in documents:
            arguments += [document.name, document.revision, document.seats, document.body]
            arguments.append(len(document.found_by))
            arguments += [part for pair in document.found_by for part in pair]
        self._try(_PUT, *arguments)

    def bar(self, revisions: Mapping[str, int]) -> None:
        """
        Let no older copy be kept or given.

        Tried even while Redis is left alone: this process may be cut off from it while others
        still read the old copy. What does not get through is owed, and paid before anything else.
        """
        with self._owing:
            if len(self._owed) <= _MOST_OWED:
                for name, revision in revisions.items():
                    self._owed[name] = max(revision, self._owed.get(name, 0))
        try:
            self._pay()
        except RedisError:
            log.warning("Redis is away: a change could not be announced to it")

    def keep_beat(self, beat: bytes) -> bool:
        """Keep a heartbeat until the next flush, if Redis is there."""
        return self._try(_KEEP, beat) is not None

    def next_batch(self, new_id: str) -> tuple[str, list[bytes]] | None:
        """Return the oldest batch of kept heartbeats, cut anew if none waits."""
        found = self._try(_BATCHES, new_id, _BATCH)
        return (found[0].decode(), found[1]) if found else None

    def drop_batch(self, batch_id: str) -> None:
        """Forget a batch that was written; one that stays is found written the next time."""
        self._try(_DROP, batch_id)

    def clear(self) -> None:
        """Forget every copy, and thereby refuse those that readers are about to put."""
        self._try(_CLEAR)
        self._without.clear()

    def close(self) -> None:
        """Close this thread's connection; the next question opens another."""
        if connection := getattr(self._local, "connection", None):
            connection.disconnect()

    def _try(self, script: "_Script", *arguments: Any) -> Any:
        """Return what a script answers, or None while Redis is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            if self._owed:
                self._pay()
            return self._run(script, *arguments)
        except RedisError:
            log.warning("Redis is away: the database answers, this process counts")
            self._away_until = time.monotonic() + _LEFT_ALONE
            return None

    def _pay(self) -> None:
        """Tell Redis of every change that it has not heard of yet."""
        with self._owing:
            owed = dict(self._owed)
        if len(owed) > _MOST_OWED:
            self._run(_CLEAR)
        else:
            self._run(_BAR, _BARRED, *(part for pair in owed.items() for part in pair))
        with self._owing:
            for name, revision in owed.items():
                if self._owed.get(name) == revision:
                    del self._owed[name]

    def _run(self, script: "_Script", *arguments: Any) -> Any:
        try:
            return self._send("EVALSHA", script.sha, 0, *arguments)
        except NoScriptError:
            return self._send("EVAL", script.text, 0, *arguments)
        except redis.ConnectionError:
            # Perhaps only this connection was old: Redis was started anew since.
            return self._send("EVAL", script.text, 0, *arguments)

    def _send(self, *command: Any) -> Any:
        connection = self._connection()
        try:
            connection.send_packed_command(_packed(command))
            return connection.read_response()
        except redis.ResponseError:
            raise
        except BaseException:
            # A late answer to this question would be taken for the next one's.
            connection.disconnect()
            raise

    def _connection(self) -> Any:
        if getattr(self._local, "process", None) != os.getpid():
            # A connection shared with the parent process would mix up their answers.
            self._local.connection, self._local.process = self._connect(), os.getpid()
        return self._local.connection


def _packed(command: tuple[Any, ...]) -> list[bytes]:
    """Return a command as it goes over the wire; the client's own packer takes longer by far."""
    parts = [part if isinstance(part, bytes) else str(part).encode() for part in command]
    framed = b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in parts])
    return [b"*%d\r\n%b" % (len(parts), framed)]


class _Script:
    """A script that runs in Redis as one step."""

    def __init__(self, text: str) -> None:
        self.text = text
        # How Redis names scripts; nothing is guarded by it.
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _read(name: str) -> _Script:
    return _Script((Path(__file__).parent / name).read_text())


_DOOR, _PUT, _BAR = _read("door.lua"), _read("put.lua"), _read("bar.lua")
_FAIL, _BATCHES = _read("fail.lua"), _read("batch.lua")
_HIT = _Script("""
local key = 'hot:n:' .. ARGV[1] .. ':' .. ARGV[2]
local used = redis.call('INCR', key)
if used == 1 then redis.call('EXPIRE', key, ARGV[3]) end
return used
""")
_KEEP = _Script("return redis.call('RPUSH', 'hot:beats', ARGV[1])")
_DROP = _Script("""
redis.call('DEL', 'hot:batch:' .. ARGV[1])
return redis.call('LREM', 'hot:batches', 1, ARGV[1])
""")
_CLEAR = _Script("""
local at = '0'
repeat
  local page = redis.call('SCAN', at, 'MATCH', 'hot:[^b]*', 'COUNT', 1000)
  at = page[1]
  if #page[2] > 0 then redis.call('DEL', unpack(page[2])) end
until at == '0'
return redis.call('DEL', 'hot:boot')
""")
