"""A licence with one metered feature, and how it is consumed of."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import Feature, License, QuotaCounter
from licenses.selectors import snapshots
from licenses.services import quotas
from licenses.services.entitlements import FeatureGrant
from tests import factories
from tests.clock import NOW
from tests.factories import DEVICE


@dataclass
class Metered:
    """A licence with one metered feature."""

    key: str
    license: License

    def consume(self, amount: Any = 1, at: datetime = NOW, feature_id: str = "exports") -> Any:
        return quotas.consume(**self._asked(amount, at, feature_id))

    def release(self, amount: Any = 1, at: datetime = NOW, feature_id: str = "exports") -> Any:
        return quotas.release(**self._asked(amount, at, feature_id))

    def _asked(self, amount, at, feature_id):
        found = snapshots.by_key(self.key, fingerprint=None)
        given = {"feature_id": feature_id, "amount": Decimal(str(amount))}
        return {"found": found, "at": at, "origin": DEVICE} | given

    def refusal(self, act: str = "consume", **asked: Any) -> Refusal:
        rows = list(QuotaCounter.objects.values()), Event.objects.count()
        with pytest.raises(Refusal) as caught:
            getattr(self, act)(**asked)
        assert (list(QuotaCounter.objects.values()), Event.objects.count()) == rows
        return caught.value


@pytest.fixture
def metered():
    def make(limit: Any = 10, period: str = "NONE", **terms: Any) -> Metered:
        product = factories.make_product("exports")
        Feature.objects.filter(product=product).update(period=period)
        limit = None if limit is None else Decimal(str(limit))
        grant = FeatureGrant(feature_id="exports", limit_value=limit)
        issued = factories.issue(**{"product": product, "features": [grant]} | terms)
        return Metered(issued.key, issued.license)

    return make
