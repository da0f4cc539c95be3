import os
import subprocess
import sys

import pytest

from licensing_portal.environment import SECRETS, CannotStart, read_secrets, ring, stated


@pytest.fixture
def strong(monkeypatch):
    for name, make in SECRETS.items():
        monkeypatch.setenv(name, make())
    return monkeypatch


def test_fresh_secrets_are_good_enough_for_production(strong, tmp_path):
    assert read_secrets(tmp_path, debug=False) == {name: os.environ[name] for name in SECRETS}


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    ("value", "complaint"), [("", "is missing"), ("changeme", "is "), ("a" * 64, "is ")]
)
def test_a_missing_or_weak_secret_stops_the_start(strong, tmp_path, name, value, complaint):
    strong.setenv(name, value)
    with pytest.raises(CannotStart, match=f"{name} {complaint}"):
        read_secrets(tmp_path, debug=False)
    assert not list(tmp_path.iterdir())


def test_every_key_of_a_ring_must_be_strong(strong, tmp_path):
    strong.setenv("TOKEN_KEYS", f"{os.environ['TOKEN_KEYS']},short")
    with pytest.raises(CannotStart, match="TOKEN_KEYS is weak"):
        read_secrets(tmp_path, debug=False)


def test_under_debug_missing_secrets_are_made_once_and_kept_private(monkeypatch, tmp_path):
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)
    first = read_secrets(tmp_path, debug=True)
    assert read_secrets(tmp_path, debug=True) == first
    for name in SECRETS:
        assert (tmp_path / "secrets" / name).stat().st_mode & 0o777 == 0o600


def test_a_secret_may_be_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert stated("SECRET_KEY") == "from a file"


def test_a_secret_file_that_is_not_there_stops_the_start(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(CannotStart, match="SECRET_KEY_FILE cannot be read"):
        stated("SECRET_KEY")


def test_a_start_without_secrets_says_so_in_one_line(tmp_path):
    bare = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "VAR_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], env=bare, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "SECRET_KEY is missing" in done.stderr


def test_a_ring_may_be_written_with_spaces():
    assert ring("new, old") == ["new", "old"]


def test_fresh_secrets_are_not_advised_over_data_that_others_protect(strong, tmp_path):
    strong.delenv("SECRET_KEY")
    (tmp_path / "secrets").mkdir()
    with pytest.raises(CannotStart) as stopped:
        read_secrets(tmp_path, debug=False)
    assert "DEBUG=1" in str(stopped.value)
    assert "prints a fresh set" not in str(stopped.value)
