"""How test clients reach the portal: through middleware that is loaded once, as a server has it."""

from typing import Any

from django.conf import UserSettingsHolder, settings
from django.test.client import ClientHandler

_load = ClientHandler.load_middleware
# What loading sets, for the handlers of later clients to be given.
_PARTS = (
    "_view_middleware", "_template_response_middleware", "_exception_middleware",
    "_middleware_chain",
)  # fmt: skip
_loaded: dict[str, Any] = {}


def _load_once(handler: ClientHandler, is_async: bool = False) -> None:
    # A test that overrides a setting may mean one that middleware reads when it is made.
    if is_async or isinstance(settings._wrapped, UserSettingsHolder):
        _load(handler, is_async)
        return
    if not _loaded:
        _load(handler)
        _loaded.update({part: getattr(handler, part) for part in _PARTS})
    vars(handler).update(_loaded)


def share_middleware() -> None:
    """Let each new client use what the first one loaded."""
    ClientHandler.load_middleware = _load_once
