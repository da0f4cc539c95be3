"""Licences without a network: files, requests and their responses, receipts and bundles of use."""

from licenses.services.offline.answering import AnsweredRequest, answer_request
from licenses.services.offline.bundles import TakenBundle, accept_bundle
from licenses.services.offline.checkout import (
    DEFAULT_DAYS,
    MOST_DAYS,
    checkout,
    checkout_for,
)
from licenses.services.offline.collecting import collect
from licenses.services.offline.devices import new_nonce
from licenses.services.offline.files import SignedFile
from licenses.services.offline.receipts import accept_receipt

__all__ = [
    "DEFAULT_DAYS",
    "MOST_DAYS",
    "AnsweredRequest",
    "SignedFile",
    "TakenBundle",
    "accept_bundle",
    "accept_receipt",
    "answer_request",
    "checkout",
    "checkout_for",
    "collect",
    "new_nonce",
]
