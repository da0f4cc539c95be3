"""What stands before the first licence is issued: people, organisations, products, templates."""

import json
import os
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.contrib.auth.hashers import get_hasher

from accounts.models import Customer, Membership, Tenant, User
from accounts.roles import Role
from accounts.services import people, staff_groups
from events import trail
from licenses.models import LicenseTemplate, Product
from licenses.services import catalog
from licensing_portal.demo import cast
from licensing_portal.demo.others import OTHERS, Other
from orders.services.offers import create_offer
from orders.services.tiers import setup_tiers

FILE = "demo.json"
BEGAN_DAYS_AGO = 760
_QUOTA_PER_SEAT = Decimal(200)
# Something that happens at its time.
Happening = Callable[[datetime], None]


@dataclass(slots=True)
class Stage:
    """The set of the demo, and the clock by which its story is told."""

    rng: random.Random
    now: datetime
    tenants: dict[str, Tenant] = field(default_factory=dict)
    customers: list[tuple[Customer, cast.Buyer]] = field(default_factory=list)
    # Product id → its templates: Solo, Team, Enterprise.
    templates: dict[str, list[LicenseTemplate]] = field(default_factory=dict)
    # Name → template, of those that count otherwise.
    others: dict[str, LicenseTemplate] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)


def set_stage(rng: random.Random, *, at: datetime) -> Stage:
    """Make everybody and everything that licences need; the caller holds the transaction."""
    stage = Stage(rng=rng, now=at)
    began = stage.ago(BEGAN_DAYS_AGO)
    _staff(stage)
    staff_groups.set_up_groups(at=began, origin=trail.SYSTEM)
    for organisation in cast.ORGANISATIONS:
        _organisation(stage, organisation)
    for buyer in cast.BUYERS:
        customer = people.create_customer(
            tenant_id=stage.tenants[buyer.tenant].pk,
            fields={
                "name": buyer.name,
                "email": buyer.email,
                "contact_name": buyer.contact,
                "company": stage.tenants[buyer.tenant].name,
            },
            at=began,
            origin=cast.SALES,
        )
        stage.customers.append((customer, buyer))
    for software in cast.SOFTWARE:
        _software(stage, software)
    for other in OTHERS:
        _other(stage, other)
    # These columns fill themselves with today, on which nobody here began.
    for model in (Tenant, Customer, Product, LicenseTemplate, Membership):
        model._default_manager.update(created_at=began)
    return stage


def write_down(folder: Path, stage: Stage, *, key: str) -> Path:
    """Keep the sign-ins and the key where `make run` finds them, for this machine's user only."""
    first = cast.ORGANISATIONS[0]
    content = {
        "staff_email": cast.STAFF_EMAIL,
        "staff_password": stage.passwords[cast.STAFF_EMAIL],
        "customer_email": first.member_email,
        "customer_password": stage.passwords[first.member_email],
        "license_key": key,
        "tenant_code": first.code,
        "members": [
            {
                "tenant_code": organisation.code,
                "email": organisation.member_email,
                "password": stage.passwords[organisation.member_email],
            }
            for organisation in cast.ORGANISATIONS
        ],
    }
    path = folder / FILE
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2, ensure_ascii=False)
        file.write("\n")
    return path


def _staff(stage: Stage) -> None:
    _give_password(stage, User.objects.create_superuser(cast.STAFF_EMAIL, name=cast.STAFF_NAME))


def _organisation(stage: Stage, organisation: cast.Organisation) -> None:
    began = stage.ago(BEGAN_DAYS_AGO)
    tenant = people.create_tenant(
        fields={
            "code": organisation.code,
            "name": organisation.name,
            "is_reseller": organisation.sells_on,
            "sold_by": stage.tenants.get(organisation.sold_by),
            "payment_terms_days": 30,
            "time_zone": organisation.time_zone,
            "currency": "NOK" if organisation.country == "NO" else "EUR",
            "billing_address": {"city": organisation.city, "country": organisation.country},
        },
        at=began,
        origin=cast.SALES,
    )
    stage.tenants[organisation.code] = tenant
    email = organisation.member_email
    _give_password(stage, User.objects.create_user(email, name=organisation.member))
    people.add_member(
        tenant_id=tenant.pk, email=email, role=Role.OWNER, at=began, origin=cast.SALES
    )


def _give_password(stage: Stage, user: User) -> None:
    """Give a password that nobody chose; unlike the rest of the demo it differs every time."""
    password = stage.passwords[user.email] = secrets.token_urlsafe(12)
    hasher = type(get_hasher())()
    # Slow hashing protects what can be guessed; the first sign-in hashes this as any other.
    vars(hasher).update(time_cost=1, memory_cost=8 * 1024)
    user.password = hasher.encode(password, hasher.salt())
    user.save(update_fields=["password"])


def _software(stage: Stage, software: cast.Software) -> None:
    began = stage.ago(BEGAN_DAYS_AGO)
    product = catalog.create_product(
        fields={
            "product_id": software.product_id,
            "product_name": software.name,
            "product_version": software.version,
            "description": software.description,
        },
        at=began,
        origin=cast.SALES,
    )
    for feature_id, name, limit_type, period in software.features:
        fields = {
            "feature_id": feature_id,
            "feature_name": name,
            "limit_type": limit_type,
            "period": period,
        }
        catalog.create_feature(product=product, fields=fields, at=began, origin=cast.SALES)
    tiers = setup_tiers(
        product=product,
        base_price=Decimal(software.base_price),
        quota_per_seat=_QUOTA_PER_SEAT,
        at=began,
        origin=cast.SALES,
    )
    stage.templates[software.product_id] = [template for template, _ in tiers]


def _other(stage: Stage, other: Other) -> None:
    granted = stage.templates[other.product_id][-1].features.order_by("position", "id")
    stage.others[other.name] = create_offer(
        product_id=other.product_id,
        fields={"template_name": other.name, **other.terms},
        features=list(granted.values("feature_id", "feature_name")),
        price={
            "base_price": Decimal(other.base_price),
            "currency": "EUR",
            "billing_cycle": "ANNUALLY",
        },
        at=stage.ago(BEGAN_DAYS_AGO),
        origin=cast.SALES,
    )
