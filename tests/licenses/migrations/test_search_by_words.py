import pytest
from django.db import connection

from licenses.models import License

pytestmark = pytest.mark.django_db


def installed_extensions():
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        return {name for (name,) in cursor.fetchall()}


def test_a_search_by_a_part_of_a_word_has_an_index_that_fits_it():
    fits = connection.vendor == "postgresql" and "pg_trgm" in installed_extensions()
    with connection.cursor() as cursor:
        if fits:
            # With so few rows reading them all is cheaper, and says nothing about many.
            cursor.execute("SET LOCAL enable_seqscan = off")
        for column in ("product_name", "issued_to"):
            plan = License.objects.filter(**{f"{column}__icontains": "strata"}).explain()
            assert (f"license_{column}_words" in plan) is fits
