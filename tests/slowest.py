"""What a long run ends with: the files that took most of its time, where saving is worth a look."""

from collections import Counter

import pytest

LONG = 30  # seconds of all processes together
SHOWN = 10
_seconds: Counter[str] = Counter()
_tests: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    path = report.nodeid.partition("::")[0]
    _seconds[path] += report.duration
    _tests[path] += report.when == "call"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _seconds.total() < LONG:
        return
    terminalreporter.section("slowest files")
    for path, seconds in _seconds.most_common(SHOWN):
        terminalreporter.write_line(f"{seconds:6.1f} s  {_tests[path]:4} tests  {path}")
