"""A root that is on no server: made there, asked from here, and what it signs taken in."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from events.models import Event
from licenses.models import KeyState, RootKey, SigningKey
from licenses.selectors import signers
from licenses.services.signing_keys import keep_ahead, signer_for
from licenses.signing import Purpose, certified
from licenses.signing.requests import certificates_in, wanted_in
from tests.clock import NOW
from tests.engines import BASE_DIR
from tests.factories import STAFF, make_product

pytestmark = pytest.mark.django_db
PASSPHRASE = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _root_elsewhere(settings: LazySettings) -> None:
    settings.SIGNING_ROOT = "offline"
    settings.SIGNING_ROOT_PASSPHRASE = PASSPHRASE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    said("signing_root", "make", tmp_path / "root.pem")
    return tmp_path / "root.pem"


def said(command: str, *args: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command(command, *map(str, args), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def kept(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def certificates(root: Path, ahead: int = 2) -> Path:
    """What the root says of all that the server asks for."""
    folder = root.parent
    request = kept(folder / "request.json", said("signing_keys", "request", "--ahead", ahead))
    signed = said("signing_root", "sign", root, request, "--yes")
    return kept(folder / "certificates.json", signed)


def trust(root: Path) -> None:
    public = kept(root.parent / "root.json", said("signing_root", "public", root))
    said("signing_keys", "trust", public)


def test_a_root_elsewhere_vouches_for_the_next_keys_of_all(root: Path) -> None:
    product = make_product()
    trust(root)
    assert RootKey.objects.get().embedded is False
    answer = certificates(root)
    assert {key.state_at(NOW) for key in SigningKey.objects.all()} == {KeyState.UNCERTIFIED}
    assert said("signing_keys", "accept", answer) == "6 keys are certified.\n"
    for purpose in Purpose:
        of = product.pk if purpose == Purpose.PRODUCT else None
        first, following = SigningKey.objects.of(purpose, of).order_by("active_from")
        assert following.active_from == first.signs_until
        now = first.active_from
        signer = signer_for(product_id=of, purpose=purpose, at=now, origin=STAFF)
        assert signer.kid == first.kid
        assert certified(signer.certificate, roots=signers.roots()).kinds == purpose.kinds
        # The next one signs when its time has come, and no root has to be asked.
        late = signer_for(product_id=of, purpose=purpose, at=following.active_from, origin=STAFF)
        assert late.kid == following.kid
        assert keep_ahead(product_id=of, purpose=purpose, at=now, origin=STAFF) is None
    types = Event.objects.values_list("type", flat=True)
    assert list(types).count("signing_key.certified") == 6


def test_asked_and_accepted_twice_is_once(root: Path) -> None:
    make_product()
    trust(root)
    trust(root)
    answer = certificates(root)
    again = said("signing_keys", "request", "--ahead", 2)
    assert len(wanted_in(again)) == len(certificates_in(answer.read_text())) == 6
    said("signing_keys", "accept", answer)
    before = list(SigningKey.objects.order_by("pk").values()), Event.objects.count()
    assert said("signing_keys", "accept", answer) == "0 keys are certified.\n"
    assert wanted_in(said("signing_keys", "request", "--ahead", 1)) == []
    assert (list(SigningKey.objects.order_by("pk").values()), Event.objects.count()) == before


def test_a_root_that_is_not_trusted_certifies_nothing(root: Path, tmp_path: Path) -> None:
    make_product()
    refused(certificates(root), "KEY_UNKNOWN")
    trust(root)
    RootKey.objects.update(retired_at=NOW)
    refused(certificates(root), "KEY_UNKNOWN")


def test_a_certificate_of_another_server_or_with_other_dates_is_refused(root: Path) -> None:
    make_product()
    trust(root)
    answer = certificates(root)
    row = SigningKey.objects.order_by("pk").last()
    assert row is not None
    SigningKey.objects.filter(pk=row.pk).update(expires_at=row.expires_at.replace(year=2099))
    refused(answer, "says other than was asked for")
    SigningKey.objects.filter(pk=row.pk).delete()
    refused(answer, "no key of this server")


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": "signing-key-certificates/1", "certificates": [1]}', "\xff"],
)
def test_what_is_no_answer_of_a_root_is_refused(root: Path, tmp_path: Path, text: str) -> None:
    make_product()
    trust(root)
    certificates(root)
    refused(kept(tmp_path / "other.json", text), "MALFORMED")


def refused(answer: Path, problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        said("signing_keys", "accept", answer)
    assert not SigningKey.objects.exclude(certificate="").exists()


def test_a_root_vouches_for_no_more_than_a_purpose_may_and_for_no_key_for_ever(
    root: Path, tmp_path: Path
) -> None:
    make_product()
    request = json.loads(said("signing_keys", "request", "--ahead", 1))
    for change in (
        {"purpose": "EVERYTHING"},
        {"purpose": "PRODUCT", "product_id": ""},
        {"purpose": "ANSWERS", "product_id": "atlas"},
        {"expires_at": 253_402_300_799},
        {"signs_until": 0},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}},
    ):
        asked = request | {"keys": [request["keys"][0] | change]}
        with pytest.raises(CommandError, match="no request"):
            said("signing_root", "sign", root, kept(tmp_path / "r", json.dumps(asked)), "--yes")
    # What the key may sign is the root's to say.
    asked = request | {"keys": [key | {"use": ["license-file+jwt"]} for key in request["keys"]]}
    text = said("signing_root", "sign", root, kept(tmp_path / "r", json.dumps(asked)), "--yes")
    trust(root)
    uses = {certified(one, roots=signers.roots()).kinds for one in certificates_in(text)}
    assert uses == {purpose.kinds for purpose in Purpose}


def test_both_machines_show_the_same_check_words(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_product()
    call_command("signing_keys", "request", "--ahead", "1")
    printed = capsys.readouterr()
    request = kept(tmp_path / "request.json", printed.out)
    call_command("signing_root", "sign", str(root), str(request), "--yes")
    assert printed.err.splitlines()[-1] == capsys.readouterr().err.splitlines()[-1]


def test_a_root_signs_nothing_that_nobody_meant(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = kept(tmp_path / "request.json", said("signing_keys", "request", "--ahead", 1))
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    with pytest.raises(CommandError, match="Nothing was signed"):
        said("signing_root", "sign", root, request)
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert certificates_in(said("signing_root", "sign", root, request))


def test_the_roots_file_is_its_owners_alone_and_opens_by_its_passphrase(
    root: Path, settings: LazySettings
) -> None:
    assert root.stat().st_mode & 0o777 == 0o600
    assert root.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    before = root.read_bytes()
    with pytest.raises(CommandError, match="there already"):
        said("signing_root", "make", root)
    settings.SIGNING_ROOT_PASSPHRASE = "another passphrase altogether"
    with pytest.raises(CommandError, match="another passphrase"):
        said("signing_root", "public", root)
    settings.SIGNING_ROOT_PASSPHRASE = ""
    with pytest.raises(CommandError, match="State SIGNING_ROOT_PASSPHRASE"):
        said("signing_root", "public", root)
    settings.SIGNING_ROOT_PASSPHRASE = "too short"
    with pytest.raises(CommandError, match="fewer than 20"):
        said("signing_root", "make", root.with_suffix(".new"))
    assert (root.read_bytes(), list(root.parent.iterdir())) == (before, [root])


def test_the_root_needs_no_database(tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DEBUG": "1",
        "VAR_DIR": str(tmp_path / "var"),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SIGNING_ROOT_PASSPHRASE_FILE": str(tmp_path / "passphrase"),
    }

    def run(*arguments: str) -> str:
        command = [sys.executable, str(BASE_DIR / "manage.py"), "signing_root", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    kid = run("make", "root.pem").strip()
    assert json.loads(run("public", "root.pem"))["kid"] == kid


@pytest.mark.parametrize("ahead", [0, -1, 13])
def test_a_number_of_keys_beyond_reason_is_refused(ahead: int) -> None:
    make_product()
    with pytest.raises(CommandError, match="VALIDATION_ERROR: ahead"):
        said("signing_keys", "request", f"--ahead={ahead}")
    assert not SigningKey.objects.exists()


def test_keys_are_listed_replaced_and_taken_back_by_a_part_of_their_name(
    settings: LazySettings,
) -> None:
    settings.SIGNING_ROOT = "embedded"
    product = make_product()
    signer = signer_for(product_id=product.pk, at=NOW, origin=STAFF)
    SigningKey.objects.update(signs_until=NOW.replace(year=2090), expires_at=NOW.replace(year=2091))
    part = signer.kid.lstrip("-")[:20]
    assert f"{signer.kid}  ACTIVE" in said("signing_keys", "list")
    now = said("signing_keys", "rotate", part, "--reason", "Drill.").split()[0]
    assert now != signer.kid
    said("signing_keys", "compromise", part, "--reason", "Stolen.")
    listed = said("signing_keys", "list")
    assert f"{signer.kid}  COMPROMISED" in listed
    assert f"{now}  ACTIVE" in listed
    for kid in ("", "no such key"):
        with pytest.raises(CommandError, match="SIGNING_KEY_NOT_FOUND"):
            said("signing_keys", "rotate", kid, "--reason", "Drill.")


@pytest.mark.parametrize("text", ["", "{}", '{"kty": "RSA"}', "[1]"])
def test_what_is_no_public_key_is_trusted_by_nobody(tmp_path: Path, text: str) -> None:
    with pytest.raises(CommandError, match="MALFORMED"):
        said("signing_keys", "trust", kept(tmp_path / "root.json", text))
    with pytest.raises(CommandError, match="cannot be read"):
        said("signing_keys", "trust", tmp_path / "absent.json")
    assert not RootKey.objects.exists()
