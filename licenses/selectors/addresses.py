"""Which country an address lies in, by a file in MaxMind's format."""

import logging
import os
import threading

import maxminddb
from django.conf import settings

from licenses.restrictions import address_of, country_of

log = logging.getLogger(__name__)
_lock = threading.Lock()
_opened: tuple[tuple[str, int], maxminddb.Reader] | None = None


def country_of_address(address: str | None) -> str | None:
    """
    Return an address's country, "" where the file knows none (a private one has none).

    None where no file is set: then a caller's own word is all there is.
    """
    if not settings.GEOIP_FILE:
        return None
    where = address_of(address or "")
    if where is None:
        return ""
    try:
        return _iso_code(_reader().get(where))
    except ValueError:
        # An IPv6 address, and a file of IPv4 alone.
        return ""


def _iso_code(found: object) -> str:
    if not isinstance(found, dict):
        return ""
    # Where an address is used; where it is registered only if nothing says more.
    place = found.get("country") or found.get("registered_country")
    code = place.get("iso_code") if isinstance(place, dict) else None
    return country_of(code) if isinstance(code, str) else ""


def _reader() -> maxminddb.Reader:
    """Return the file as it is now: a newer one that was put in its place is opened anew."""
    global _opened
    path = str(settings.GEOIP_FILE)
    try:
        seen = path, os.stat(path).st_mtime_ns
        if _opened is None or _opened[0] != seen:
            with _lock:
                # In memory, so that a file written over in place cannot pull it away.
                _opened = seen, maxminddb.open_database(path, maxminddb.MODE_MEMORY)
    except (OSError, maxminddb.InvalidDatabaseError):
        if _opened is None:
            raise
        # The start demands a good one, so it was: an update that went wrong locks nobody out.
        log.warning("GEOIP_FILE cannot be read; its last good content is used")
    return _opened[1]
