import pytest
from django.urls import reverse

from licenses import pages
from tests.factories import issue
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(monkeypatch, settings, tmp_path):
    """Register a panel, as an app above would, and give what it shows of a licence."""
    (tmp_path / "panel.html").write_text("<p>{{ facts.words }}</p>")
    engine = {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}
    settings.TEMPLATES = [engine]
    shown = {}
    one = pages.Panel(
        title="Sold with it",
        template="panel.html",
        scope="orders:read",
        facts=lambda license, at: shown.get(license.pk),
    )
    monkeypatch.setattr(pages, "panels", [one])
    return shown


def page_of(license, *scopes):
    client = signed_in("licenses:read", *scopes)
    return client.get(reverse("admin:licenses_license_change", args=[license.pk])).content.decode()


def test_an_app_above_adds_a_panel_to_a_licences_page(panel):
    license = issue().license
    panel[license.pk] = {"words": "O-1874"}
    page = page_of(license, "orders:read")
    assert "Sold with it" in page
    assert "<p>O-1874</p>" in page


def test_a_panel_is_shown_to_whoever_holds_its_scope_only(panel):
    license = issue().license
    panel[license.pk] = {"words": "O-1874"}
    assert "O-1874" not in page_of(license)


def test_a_panel_with_nothing_to_show_is_left_out(panel):
    assert "Sold with it" not in page_of(issue().license, "orders:read")
