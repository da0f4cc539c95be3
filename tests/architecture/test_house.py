"""What keeps the house readable, beyond the import contracts of pyproject.toml."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
APPS = ["events", "accounts", "licenses", "orders", "compliance", "licensing_portal"]
DOORS = {"api", "portal", "device_api"}
LONGEST = 300


def tracked(*patterns):
    """Files of the project; written ones that are not yet committed count too."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def relative(path):
    return path.relative_to(ROOT)


def is_ours(path):
    return "migrations" not in path.parts and "vendor" not in path.parts


def test_no_file_is_too_long_to_know():
    files = [path for path in tracked("*.py") if is_ours(path)]
    long = {str(relative(path)): len(path.read_text().splitlines()) for path in files}
    assert len(files) > 30
    assert not {name for name, lines in long.items() if lines > LONGEST}


def test_every_room_of_licensing_stands_on_the_map():
    rooms = {path.stem for path in (ROOT / "licenses/services").iterdir() if path.stem[0] != "_"}
    page = (ROOT / "docs/architecture.md").read_text()
    named = set(re.findall(r"`([a-z_]+)/?`", page))
    assert len(rooms) > 40
    assert not rooms - named


def bare_objects(source):
    """Lines that read `Model.objects`, which a tenant's wall does not stand around."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]


def test_doors_reach_rows_through_the_tenant_wall_only():
    doors = [path for path in tracked("*.py") if DOORS & set(relative(path).parts[1:-1])]
    ours = [path for path in doors if relative(path).parts[0] in APPS]
    found = {str(relative(path)): bare_objects(path.read_text()) for path in ours}
    assert not {name: lines for name, lines in found.items() if lines}


def test_the_search_for_bare_objects_finds_them():
    assert bare_objects("x = 1\nLicense.objects.all()") == [2]
    assert bare_objects("rows_of(credential, License).all()") == []


FOREIGN = re.compile(
    r"--(extra-)?index-url|--find-links|https?://[^ ]*/simple\b|\"resolved\": *\"http"
    r"|(?<![\w.])/(root|work|home)/"
)


def test_no_file_names_a_package_index_or_a_folder_of_somebodys_machine():
    here = Path(__file__)
    texts = [path for path in tracked() if path != here and "vendor" not in path.parts]
    found = {}
    for path in texts:
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        hits = [n for n, line in enumerate(lines, 1) if FOREIGN.search(line)]
        if hits:
            found[str(relative(path))] = hits
    assert not found


@pytest.mark.parametrize("line", ["--index-url x", "see /root/x", "https://host/simple", "/work/a"])
def test_the_search_for_foreign_places_finds_them(line):
    assert FOREIGN.search(line)


def documented():
    lines = (ROOT / ".env.example").read_text().splitlines()
    return {line.partition("=")[0] for line in lines if re.match(r"[A-Z_]+=", line)}


def read_by_code():
    """Names given to `env(...)`, `stated(...)` and in the Procfile."""
    called = re.compile(r"\b(?:env|env\.\w+|stated|_put)\(\s*\"([A-Z_]+)\"")
    settings = (ROOT / "licensing_portal" / "settings.py").read_text()
    secrets = re.findall(r'^    "([A-Z_]+)": ', _environment(), re.M)
    shell = re.findall(r"\$\{?([A-Z_]+)", (ROOT / "Procfile").read_text())
    return {*called.findall(settings), *secrets, *shell}


def _environment():
    return (ROOT / "licensing_portal" / "environment.py").read_text()


def test_every_variable_that_is_read_is_documented():
    assert {"SECRET_KEY", "DATABASE_URL", "PORT", "WEB_WORKERS"} <= read_by_code()
    assert not read_by_code() - documented()


def test_no_variable_is_documented_that_nobody_reads():
    elsewhere = {"POSTGRES_PASSWORD", "PROMETHEUS_MULTIPROC_DIR"}
    assert not documented() - read_by_code() - elsewhere


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_starts_everything_that_production_needs(compose):
    assert set(compose["services"]) >= {"web", "worker", "beat", "postgres", "redis"}
    assert compose["services"]["beat"].get("deploy") is None, "beat must stay a single one"


def test_compose_runs_commands_that_exist(compose):
    for name, service in compose["services"].items():
        words = service.get("command", "").split()
        if words[:2] == ["python", "manage.py"]:
            assert words[2] in get_commands(), name
        elif words:
            assert words[0] in {"celery", "redis-server"}, name


def test_the_servers_of_procfile_and_docker_serve_the_same_application():
    for name in ("Procfile", "Dockerfile"):
        assert "licensing_portal.wsgi:application" in (ROOT / name).read_text()
