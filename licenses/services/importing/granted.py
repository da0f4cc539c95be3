"""What the rows of a file grant: checked once for each list of features, stored for every row."""

import uuid
from collections.abc import Sequence
from typing import Any

from uuid_utils.compat import uuid7

from licenses.models import License, Product
from licenses.services import entitlements
from licenses.services.entitlements import FeatureGrant

_MOST = 10_000


class Granted:
    """The entitlements of rows, as columns: most rows of a file grant what others grant."""

    def __init__(self) -> None:
        self._known: dict[tuple[uuid.UUID, tuple[FeatureGrant, ...]], list[dict[str, Any]]] = {}

    def columns(
        self, license: License, product: Product, grants: Sequence[FeatureGrant]
    ) -> list[dict[str, Any]]:
        """
        Return the columns of the rows by which a licence would hold these grants.

        :raises VALIDATION_ERROR: as `entitlements.rows_for` does
        """
        named = (product.pk, tuple(grants))
        if named not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            rows = entitlements.rows_for(license, product, grants)
            self._known[named] = [vars(row) for row in rows]
        return [
            {**columns, "id": uuid7(), "license_id": license.pk} for columns in self._known[named]
        ]
