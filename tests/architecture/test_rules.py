"""What the import contracts cannot say: who writes, who writes status, and who reads the clock."""

import ast

import pytest

from tests.architecture.test_house import APPS, is_ours, relative, tracked

DOORS = {"admin", "api", "device_api", "portal", "management"}
RULES = {"services", "selectors", "models"}
WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
# The sign-in library's form, which mails a link and keeps nothing.
A_FORM_THAT_MAILS = "accounts/admin/password_links.py"
# Where a licence gets the status it is born with.
AT_BIRTH = {"licenses/services/issuing.py", "licenses/services/importing/chunks.py"}
# The one writer of an order's status.
OF_ORDERS = "orders/services/standing.py"
LIFECYCLE = "licenses/services/lifecycle/"


def calls(source, names):
    """Lines that call a method of one of these names."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
    ]


def sets_status(source):
    """Lines that assign to a row's `status`, or update it in rows."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found += [node.lineno] if node.attr == "status" else []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            named = {keyword.arg for keyword in node.keywords}
            found += [node.lineno] if node.func.attr == "update" and "status" in named else []
    return found


def sources(rooms):
    """Source by path, of the files below these rooms of any app."""
    files = [path for path in tracked("*.py") if is_ours(path)]
    ours = [path for path in files if relative(path).parts[0] in APPS]
    found = {str(relative(path)): path for path in ours if rooms & set(relative(path).parts[1:-1])}
    assert len(found) > 20
    return {name: path.read_text() for name, path in found.items()}


def test_doors_write_nothing_themselves():
    found = {name: calls(source, WRITES) for name, source in sources(DOORS).items()}
    assert {name for name, lines in found.items() if lines} <= {A_FORM_THAT_MAILS}


def test_rules_are_told_the_time():
    found = {name: calls(source, {"now", "today"}) for name, source in sources(RULES).items()}
    assert not {name: lines for name, lines in found.items() if lines}


def test_status_has_one_writer():
    found = {name for name, source in sources(RULES | DOORS).items() if sets_status(source)}
    assert {name for name in found if not name.startswith(LIFECYCLE)} == {OF_ORDERS, *AT_BIRTH}


@pytest.mark.parametrize(
    "line", ["row.status = 'ACTIVE'", "before, row.status = 1, 2", "rows.update(status='ACTIVE')"]
)
def test_the_search_for_writers_of_status_finds_them(line):
    assert sets_status(line) == [1]
    assert calls("x = 1\nrow.save()", WRITES) == [2]
    assert calls("at = timezone.now()", {"now"}) == [1]
