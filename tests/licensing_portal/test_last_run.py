"""What `make run` leaves for commands, and whom it leaves alone."""

import os

import pytest

from licensing_portal.environment import SECRETS
from licensing_portal.last_run import FILE, REMEMBERED, continue_run, remember_run


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """An environment that says nothing but where the data is."""
    kept = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "VAR_DIR": str(tmp_path)}
    monkeypatch.setattr(os, "environ", kept)
    return kept


@pytest.fixture
def left(bare, tmp_path):
    """What a start on another port has left."""
    bare |= {"DEBUG": "1", "PORT": "8123", "VENDOR_NAME": "Tern & Vale"}
    remember_run(tmp_path)
    for name in REMEMBERED:
        bare.pop(name, None)
    return tmp_path / FILE


def test_a_command_is_told_what_the_start_was_told(left, bare):
    assert left.stat().st_mode & 0o777 == 0o600
    continue_run()
    assert (bare["DEBUG"], bare["PORT"], bare["VENDOR_NAME"]) == ("1", "8123", "Tern & Vale")


@pytest.mark.parametrize("stated", [*SECRETS, "DEBUG"])
def test_whoever_states_a_secret_or_debug_is_told_nothing(left, bare, stated):
    bare[stated] = "0"
    continue_run()
    assert "PORT" not in bare


def test_what_the_environment_says_wins(left, bare):
    bare["PORT"] = "8200"
    continue_run()
    assert bare["PORT"] == "8200"


def test_a_start_with_secrets_of_its_own_leaves_nothing(left, bare, tmp_path):
    bare |= {"DEBUG": "1", "DIGEST_KEY": "stated"}
    remember_run(tmp_path)
    assert not left.exists()
