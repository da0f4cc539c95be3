"""What reporters hand in as evidence: bounded, and without anybody's key in clear."""

import re
from collections.abc import Callable
from typing import Any

from events import vault
from licenses import keys
from licenses.keys import KeyScheme
from licenses.models import License
from licenses.selectors import typed_keys
from licenses.selectors.snapshots import KEY
from licenses.services.metadata import check_free_json

# Activation tokens, API keys, tokens to take a device's place.
_TOKENS = re.compile(r"\b(act|lp|rpl)_[A-Za-z0-9_-]{16,}")
# Five groups of four as people type them, blanks and all.
_GROUPS = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z0-9]{4}[ -]?){4}[A-Za-z0-9]{4}(?![A-Za-z0-9])")
# What may be a key of any other form; an end of a sentence is none of it.
_WORDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{6,8190}[A-Za-z0-9_~-]")


def cleared(evidence: Any) -> dict[str, Any]:
    """
    Return evidence as it may be stored: keys and tokens masked, wherever in it they stand.

    :raises VALIDATION_ERROR: if it is no object of bounded size and depth
    """
    check_free_json(evidence, field="evidence")
    masked: dict[str, Any] = _each_text(evidence, _mask_of(_texts(evidence)))
    return masked


def cleared_text(text: str) -> str:
    """Return a text with every key and token in it masked."""
    return _mask_of([text])(text)


def _mask_of(texts: list[str]) -> Callable[[str], str]:
    """Return what masks secrets in these texts; keys of another system are looked up at once."""
    foreign = _foreign_keys(texts)

    def masked_word(found: re.Match[str]) -> str:
        word = found[0]
        if word in foreign:
            return keys.masked(KeyScheme.OPAQUE, "", keys.hint_of(KeyScheme.OPAQUE, word))
        return _masked_key(found)

    def mask(text: str) -> str:
        text = _TOKENS.sub(lambda found: f"{found[1]}_****", text)
        return _WORDS.sub(masked_word, _GROUPS.sub(_masked_key, text))

    return mask


def _masked_key(found: re.Match[str]) -> str:
    known = keys.recognise(found[0])
    if known is None:
        return found[0]
    scheme, key = known
    return keys.masked(scheme, keys.head_of(scheme, key), keys.hint_of(scheme, key))


def _foreign_keys(texts: list[str]) -> set[str]:
    """Return the words that are keys of another system: they have no form to be known by."""
    if not typed_keys.opaque_held():
        return set()
    words = {word for text in texts for word in _WORDS.findall(text)}
    by_digest = {digest: word for word in words for digest in vault.digests(KEY, word)}
    held = License.objects.filter(key_scheme=KeyScheme.OPAQUE, key_digest__in=list(by_digest))
    return {by_digest[bytes(digest)] for digest in held.values_list("key_digest", flat=True)}


def _texts(value: Any) -> list[str]:
    found: list[str] = []
    _each_text(value, lambda text: found.append(text) or text)  # type: ignore[func-returns-value]
    return found


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return the same JSON with every text in it changed, names too; its depth is bounded."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(inner, change) for inner in value]
    if isinstance(value, dict):
        return {change(name): _each_text(inner, change) for name, inner in value.items()}
    return value
