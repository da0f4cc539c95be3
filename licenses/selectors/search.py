"""Finding licences by what people have in hand: a whole key, its end, a name."""

from django.db.models import Q

from accounts.models import Customer
from events import vault
from licenses.models import License
from licenses.models.license_queries import LicenseQuerySet, key_ends_in
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


def licenses_matching(licenses: LicenseQuerySet, text: str) -> LicenseQuerySet:
    """Return those issued to somebody of that name, or whose key ends so."""
    customers = Customer.objects.filter(Q(name__icontains=text) | Q(email__iexact=text))
    return licenses.filter(
        Q(issued_to__icontains=text)
        | key_ends_in(text)
        | Q(customer__in=list(customers.values_list("pk", flat=True)[:MOST_CUSTOMERS]))
    )
