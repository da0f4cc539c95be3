"""What the table of routes sends, and what has to be so before it is sent."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licenses.models import License, NamedUser
from licenses.signing import Kind, signed_by_device
from tests import factories
from tests.contract.world import World


def reason(world: World) -> Any:
    return {"reason": "Asked for by telephone."}


def barred(world: World) -> Any:
    tenant_id = str(world.tenant.pk)
    return {"device_fingerprint": "stolen-laptop", "reason": "Stolen.", "tenant_id": tenant_id}


def suspended(world: World) -> None:
    License.objects.filter(pk=world.license.pk).update(hold_code="STAFF", status="SUSPENDED")
    world.license.holds.create(code="STAFF", reason="x", placed_at=world.license.issued_date)


def parked(world: World) -> None:
    License.objects.filter(pk=world.license.pk).update(parked=True, status="INACTIVE")


def on_trial(world: World) -> None:
    License.objects.filter(pk=world.license.pk).update(license_type="TRIAL")


def named(world: World) -> None:
    """Let names hold the seats: the one that there is, and that of the device."""
    License.objects.filter(pk=world.license.pk).update(
        license_type="NAMED_USER", current_activations=2
    )
    NamedUser.objects.filter(pk=world.named.pk).update(unassigned_at=None)


def carried(world: World) -> Any:
    claims = {
        "license_key": world.key,
        "device_fingerprint": "the one in the cellar",
        "nonce": "n" * 16,
    }
    key = Ed25519PrivateKey.from_private_bytes(b"d" * 32)
    return {"request_code": signed_by_device(Kind.ACTIVATION_REQUEST, claims, key=key)}


def wish(world: World) -> Any:
    return {"template_id": str(world.template.pk), "quantity": 1}


def order(world: World) -> Any:
    return wish(world) | {"tenant_id": str(world.tenant.pk), "fulfillment_method": "MANUAL"}


def waiting(world: World) -> None:
    """Let another order stand for the world's, which nobody has approved."""
    world.order = factories.place(world.template, tenant=world.tenant)


def paid(world: World) -> None:
    factories.pay(world.order)


def listening(world: World) -> Any:
    tenant_id = str(world.tenant.pk)
    return {"url": "https://8.8.8.8/hook", "event_types": ["license.*"], "tenant_id": tenant_id}


def new_template(world: World) -> Any:
    return {
        "template_name": "Team",
        "product_id": world.product.product_id,
        "license_type": "SUBSCRIPTION",
        "license_model": "PER_SEAT",
        "pricing": {"base_price": 10, "currency": "EUR", "billing_cycle": "ANNUALLY"},
    }
