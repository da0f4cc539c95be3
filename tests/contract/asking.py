"""What callers of the API ask for, as the existing client sends it."""

from tests.contract.conftest import Caller


def terms(world, **given):
    """A body as the contract's client sends it."""
    return {
        "product_id": world.product.product_id, "product_name": "Reports", "product_version": "4",
        "license_type": "SUBSCRIPTION", "license_model": "PER_SEAT", "issued_to": "Ada",
        "max_activations": 2, "features": [], "restrictions": [], "issued_date": "2026-01-01",
        "status": "ACTIVE", "auto_renewal": False, "metadata": {},
        "customer_id": str(world.customer.pk),
    } | given  # fmt: skip


def issue(vendor, world, **given):
    response = vendor.post("/licenses", terms(world, **given))
    assert response.status_code == 201, response.content
    return response.json()["data"]


def on_device(path, **body):
    return Caller().post(path, body)
