"""Keys whose root is elsewhere: made ahead, and used once it has vouched for them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import transaction

from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses.models import Product, RootKey, SigningKey
from licenses.selectors import signers
from licenses.services.key_making import make_key, note, wait_for_others
from licenses.signing import Certificate, Distrusted, Purpose, certified
from licenses.signing.requests import Wanted

# Keys of three months each: five years would be more than a root vouches for.
MOST_AHEAD = 12


def request_certificates(*, ahead: int, at: datetime, origin: Origin) -> list[Wanted]:
    """
    Make the next keys of every product in use, of the list and of answers; return all that wait.

    :param ahead: how many keys each has after the one that signs now, with those it has already
    :raises VALIDATION_ERROR: if that is none, or more than a root vouches for
    """
    if not 1 <= ahead <= MOST_AHEAD:
        raise invalid(ahead=f"From 1 to {MOST_AHEAD}.")
    uses: list[tuple[Purpose, UUID | None]] = [
        (Purpose.REVOCATIONS, None),
        (Purpose.ANSWERS, None),
    ]
    products = Product.objects.filter(active=True).order_by("product_id")
    uses += [(Purpose.PRODUCT, pk) for pk in products.values_list("pk", flat=True)]
    for purpose, product_id in uses:
        _make_ahead(purpose, product_id, ahead=ahead, at=at, origin=origin)
    rows = SigningKey.objects.to_be_certified(at).select_related("product")
    return [
        Wanted(
            key=Ed25519PublicKey.from_public_bytes(bytes(row.public_key)),
            purpose=Purpose(row.purpose),
            product_id=row.product.product_id if row.product else "",
            not_before=row.created_at,
            signs_until=row.signs_until,
            expires_at=row.expires_at,
        )
        for row in rows
    ]


@transaction.atomic
def accept_certificates(texts: Iterable[str], *, at: datetime, origin: Origin) -> int:
    """
    Take a root's word for keys that were made here, all or none; return how many are new.

    What a key was certified with before stays: twice is once.

    :raises CERTIFICATE_REFUSED: if one is not signed by a root that is trusted here, is for no
        key of ours, or says other than was asked for
    """
    roots = {
        kid: Ed25519PublicKey.from_public_bytes(bytes(raw))
        for kid, raw in RootKey.objects.filter(retired_at=None).values_list("kid", "public_key")
    }
    new = 0
    for text in texts:
        try:
            stated = certified(text, roots=roots)
        except Distrusted as distrust:
            raise Refusal("CERTIFICATE_REFUSED", problem=distrust.code) from None
        row = SigningKey.objects.select_for_update().filter(kid=stated.kid).first()
        if row is not None and row.certificate:
            continue
        if row is None or not _is_as_asked(row, stated):
            problem = "no key of this server" if row is None else "says other than was asked for"
            raise Refusal("CERTIFICATE_REFUSED", kid=stated.kid, problem=problem)
        row.certificate = text
        row.save(update_fields=["certificate"])
        note(
            "signing_key.certified",
            row,
            at=at,
            origin=origin,
            kid=(None, row.kid),
            root=(None, stated.root),
        )
        new += 1
    transaction.on_commit(signers.look_again)
    return new


@transaction.atomic
def _make_ahead(
    purpose: Purpose, product_id: UUID | None, *, ahead: int, at: datetime, origin: Origin
) -> None:
    wait_for_others(purpose, product_id, at=at, origin=origin)
    rows = SigningKey.objects.of(purpose, product_id).filter(
        compromised_at=None, signs_until__gt=at
    )
    kept = list(rows.order_by("signs_until", "id"))
    end = kept[-1].signs_until if kept else at
    waiting = [row for row in kept if not row.certificate or row.active_from > at]
    for _ in range(ahead - len(waiting)):
        end = make_key(
            purpose, product_id, active_from=end, certified=False, at=at, origin=origin
        ).signs_until


def _is_as_asked(row: SigningKey, stated: Certificate) -> bool:
    return (
        stated.product_id == (row.product.product_id if row.product else "")
        and stated.kinds == Purpose(row.purpose).kinds
        and stated.not_before == row.created_at
        and stated.signs_until == row.signs_until
        and stated.expires_at == row.expires_at
    )
