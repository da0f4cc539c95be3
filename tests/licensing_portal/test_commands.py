"""Every command of the house explains itself."""

import pytest
from django.core.management import get_commands, load_command_class

from tests.architecture.test_house import APPS

OURS = sorted(
    (app.rpartition(".")[2], name)
    for name, app in get_commands().items()
    if isinstance(app, str) and app in APPS
)


def test_the_commands_of_the_house_are_found():
    assert {name for _, name in OURS} >= {
        "bench_fill",
        "check_seats",
        "create_api_key",
        "explain_license",
        "export_licenses",
        "issue_license",
        "license_stats",
        "run_due",
        "seed_demo",
        "setup_tiers",
    }


@pytest.mark.parametrize(("app", "name"), [pair for pair in OURS if pair[1] != "welcome"])
def test_help_shows_an_example_that_keeps_its_lines(app, name):
    shown = load_command_class(app, name).create_parser("manage.py", name).format_help()
    assert f"\n    manage.py {name}" in shown or f"$(manage.py {name}" in shown
