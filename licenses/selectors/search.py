"""Finding licences by what people have in hand: a whole key, its end, a name."""

from django.db.models import Q, QuerySet

from accounts.models import Customer
from events import vault
from licenses.models import License
from licenses.models.license_queries import LicenseQuerySet
from licenses.selectors.snapshots import KEY
from licenses.selectors.typed_keys import canonical

# Who has more customers of one name than this tells them apart by something else.
MOST_CUSTOMERS = 1_000


def license_of_key(text: str) -> License | None:
    """Return the licence of a whole key as typed by a person, found by its digest."""
    key = canonical(text)
    if key is None:
        return None
    return License.objects.filter(key_digest__in=vault.digests(KEY, key)).first()


def licenses_matching(
    licenses: LicenseQuerySet, text: str, *, customers: QuerySet[Customer]
) -> LicenseQuerySet:
    """Return those of that product, holder or customer, or whose key ends so."""
    # Looked up first: a condition on a joined table keeps the indexes of words from being used.
    named = customers.filter(Q(name__icontains=text) | Q(email__iexact=text))
    ids = list(named.values_list("pk", flat=True)[:MOST_CUSTOMERS])
    return licenses.matching(text, Q(customer__in=ids))
