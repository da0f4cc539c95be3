"""
Write into docs/ what the code already says: `make docs`, and `--check` to see that it is current.

A generated part stands between `<!-- begin NAME -->` and `<!-- end NAME -->`; the rest is prose.
"""

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "licensing_portal.settings")
os.environ.setdefault("DEBUG", "1")

import django  # noqa: E402

django.setup()

from celery.schedules import crontab  # noqa: E402

from accounts.roles import SCOPES  # noqa: E402
from licenses import states  # noqa: E402
from licenses.api.license_shapes import LicenseIssue  # noqa: E402
from licenses.states import ACTS, Act, Status  # noqa: E402
from licensing_portal.api.codes import CODES  # noqa: E402
from licensing_portal.api.schema import Enumerator, one_endpoint_per_method  # noqa: E402
from licensing_portal.api.words import TERMS  # noqa: E402
from licensing_portal.celery import BEAT, app  # noqa: E402
from licensing_portal.command_line import own_commands  # noqa: E402
from orders.api.template_shapes import TemplateGiven  # noqa: E402

AT = datetime(2026, 3, 14)  # noqa: DTZ001 - any instant; nothing here is stored


@dataclass(frozen=True)
class Facts:
    """A licence as far as its status goes."""

    revoked: bool = False
    held: bool = False
    parked: bool = False
    pending_cause: str = ""
    expiry_date: datetime | None = AT + timedelta(days=9)
    grace_ends_at: datetime | None = AT + timedelta(days=39)


EXAMPLES = {
    Status.PENDING: Facts(pending_cause="APPROVAL"),
    Status.ACTIVE: Facts(),
    Status.INACTIVE: Facts(parked=True),
    Status.EXPIRED: Facts(expiry_date=AT, grace_ends_at=AT + timedelta(days=30)),
    Status.SUSPENDED: Facts(held=True),
    Status.REVOKED: Facts(revoked=True),
}
# What an act changes; which status follows is never its choice.
EFFECTS: dict[Act, Callable[[Facts], Facts]] = {
    Act.ACTIVATE: lambda facts: replace(facts, pending_cause=""),
    Act.RENEW: lambda facts: replace(facts, expiry_date=AT + timedelta(days=365)),
    Act.EXTEND: lambda facts: replace(facts, expiry_date=AT + timedelta(days=14)),
    Act.CONVERT: lambda facts: replace(facts, expiry_date=AT + timedelta(days=365)),
    Act.SUSPEND: lambda facts: replace(facts, held=True),
    Act.REINSTATE: lambda facts: replace(facts, held=False),
    Act.PARK: lambda facts: replace(facts, parked=True),
    Act.UNPARK: lambda facts: replace(facts, parked=False),
    Act.APPROVE: lambda facts: replace(facts, pending_cause=""),
    Act.REVOKE: lambda facts: replace(facts, revoked=True),
    Act.TRANSFER: lambda facts: facts,
}


def status_diagram() -> str:
    """Return the moves between statuses: acts as arrows, and what the clock does by itself."""
    moves: dict[tuple[str, str], list[str]] = {}
    for act, effect in EFFECTS.items():
        for status, facts in EXAMPLES.items():
            after = states.status_at(effect(facts), AT)
            if ACTS[act][status] is None and after != status:
                moves.setdefault((status.value, after.value), []).append(act.value)
    late = Facts(expiry_date=AT - timedelta(days=40), grace_ends_at=AT - timedelta(days=10))
    renewed = states.status_at(EFFECTS[Act.RENEW](late), AT)
    moves[(states.status_at(late, AT).value, renewed.value)].append("renew, once grace had ended")
    for status in (Status.PENDING, Status.ACTIVE, Status.INACTIVE):
        due = AT + timedelta(days=20)
        assert states.status_at(EXAMPLES[status], due) == Status.EXPIRED  # noqa: S101
        moves.setdefault((status.value, "EXPIRED"), []).append("the clock")
    over = states.steps_missed(Status.EXPIRED, EXAMPLES[Status.EXPIRED], AT + timedelta(days=31))
    moves.setdefault(("EXPIRED", over[-1][0].value), []).append("the clock, after grace")
    lines = [f"    {start} --> {end}: {', '.join(acts)}" for (start, end), acts in moves.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "    REVOKED --> [*]", "```"])


def act_table() -> str:
    """Return which act is legal in which status, and the code of the refusal where it is not."""
    head = ["act", *(status.value for status in Status)]
    rows = [
        [f"`{act.value}`", *(legality(act, status, code) for status, code in row.items())]
        for act, row in ACTS.items()
    ]
    return table(head, rows)


def legality(act: Act, status: Status, code: str | None) -> str:
    if act == Act.SUSPEND and status == Status.SUSPENDED:
        return "✓ for another cause"  # one hold of a kind at a time
    return f"`{code}`" if code else "✓"


def code_table() -> str:
    """Return every refusal of the API."""
    rows = [
        [
            f"`{code}`",
            str(meaning.status),
            meaning.next_action,
            "" if meaning.retry_after is None else f"{meaning.retry_after} s",
            str(meaning.message),
        ]
        for code, meaning in CODES.items()
    ]
    return table(["code", "status", "next_action", "retry_after", "says"], rows)


def scope_table() -> str:
    """Return every scope of an API key, and the calls that ask for it."""
    calls: dict[str, list[str]] = {}
    for path, _, method, callback in one_endpoint_per_method(Enumerator().get_api_endpoints()):
        scope = getattr(callback.cls, "scope", "")
        calls.setdefault(scope, []).append(f"`{method} {path.removeprefix('/api/licensing')}`")
    rows = [[f"`{scope}`", ", ".join(calls.get(scope, ["none yet"]))] for scope in SCOPES]
    return table(["scope", "asked for by"], rows)


def term_table() -> str:
    """Return the terms of templates and licences, and what they mean."""
    takers = {"template": TemplateGiven().fields, "licence": LicenseIssue().fields}
    rows = [
        [f"`{name}`", ", ".join(taker for taker in takers if name in takers[taker]), says]
        for name, says in TERMS.items()
    ]
    return table(["field", "of", "means"], rows)


def job_table() -> str:
    """Return what runs by itself, and when."""
    app.autodiscover_tasks(force=True)
    rows = []
    for name, entry in BEAT.items():
        task = app.tasks[entry["task"]]
        says = (task.run.__doc__ or "").strip().splitlines()[0]
        rows.append([name, f"`{entry['task']}`", when(entry["schedule"]), says])
    return table(["job", "task", "when", "does"], rows)


def when(schedule: object) -> str:
    if isinstance(schedule, crontab):
        return f"daily at {min(schedule.hour):02d}:{min(schedule.minute):02d} UTC"
    seconds = float(str(schedule))
    return "every minute" if seconds == 60 else f"every {seconds:g} s"


def command_table() -> str:
    """Return what an operator can call, with the first sentence of its help."""
    rows = [[f"`{name}`", says] for name, says in own_commands().items()]
    return table(["`manage.py …`", "does"], rows)


def variable_table() -> str:
    """Return the environment as .env.example explains it."""
    rows, said = [], []
    for line in (ROOT / ".env.example").read_text().splitlines():
        if match := re.match(r"([A-Z_]+)=(.*)", line):
            default = f"`{match[2]}`" if match[2] else ""
            rows.append([f"`{match[1]}`", default, " ".join(said)])
            said = []
        else:
            plain = line.startswith("# ") and not line.startswith("# ---")
            said = [*said, line[2:]] if plain else []
    return table(["variable", "example", "is"], rows)


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


PARTS: dict[str, Callable[[], str]] = {
    "status diagram": status_diagram,
    "acts": act_table,
    "codes": code_table,
    "scopes": scope_table,
    "terms": term_table,
    "jobs": job_table,
    "commands": command_table,
    "variables": variable_table,
}


def renewed(text: str) -> str:
    """Return a page with every generated part as it should be."""
    for name, make in PARTS.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        if begin in text:
            before, _, rest = text.partition(begin)
            text = f"{before}{begin}\n{make()}\n{end}{rest.partition(end)[2]}"
    return text


def main(*, check: bool) -> int:
    stale = []
    for page in sorted((ROOT / "docs").rglob("*.md")):
        text = page.read_text()
        if (fresh := renewed(text)) != text:
            stale.append(str(page.relative_to(ROOT)))
            if not check:
                page.write_text(fresh)
    if stale:
        print("stale:" if check else "written:", ", ".join(stale))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
