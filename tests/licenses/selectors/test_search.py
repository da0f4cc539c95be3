import pytest

from licenses.models import License
from licenses.selectors.search import license_of_key, licenses_matching
from tests.factories import issue

pytestmark = pytest.mark.django_db


def test_a_key_is_found_however_it_was_typed():
    issued = issue()
    for text in (issued.key, f"  {issued.key.lower()}\n", issued.key.replace("-", "")):
        assert license_of_key(text) == issued.license


@pytest.mark.parametrize("text", ["", "nonsense", "Q7RT"])
def test_what_is_no_key_finds_nothing(text):
    issue()
    assert license_of_key(text) is None


def test_words_that_nothing_matches_find_nothing():
    issue()
    assert not licenses_matching(License.objects.all(), "Fjord").exists()
