"""The docs say what the code says."""

import re

import pytest

from licensing_portal.api.codes import CODES
from licensing_portal.celery import BEAT
from scripts import write_docs
from tests.engines import BASE_DIR

PAGES = sorted((BASE_DIR / "docs").rglob("*.md"))
TEXT = "\n".join(page.read_text() for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_generated_is_current(page):
    """`make docs` writes it anew."""
    text = page.read_text()
    assert write_docs.renewed(text) == text


def test_every_generated_part_stands_on_some_page():
    assert [name for name in write_docs.PARTS if f"<!-- begin {name} -->" not in TEXT] == []


def test_every_job_and_every_code_is_named():
    assert [entry["task"] for entry in BEAT.values() if f"`{entry['task']}`" not in TEXT] == []
    assert [code for code in CODES if f"`{code}`" not in TEXT] == []


def test_a_stale_page_is_noticed():
    page = BASE_DIR / "docs" / "architecture.md"
    stale = page.read_text().replace("PENDING --> ACTIVE", "PENDING --> NOWHERE")
    assert write_docs.renewed(stale) == page.read_text()


def test_links_between_pages_lead_somewhere():

    missing = []
    for page in [*PAGES, BASE_DIR / "README.md"]:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text()):
            if not (page.parent / target).exists():
                missing.append(f"{page.name}: {target}")
    assert missing == []


def test_every_decision_is_listed():
    listed = (BASE_DIR / "docs" / "decisions" / "README.md").read_text()
    records = (BASE_DIR / "docs" / "decisions").glob("0*.md")
    assert [record.name for record in records if f"({record.name})" not in listed] == []
