"""Running things at the same moment, each with a database connection of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from events.refusals import Refusal
from licenses import hot


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run every job in a thread of its own, all let go together; a refusal counts as a result."""
    barrier = threading.Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def run(number: int) -> None:
        try:
            barrier.wait(timeout=30)
            results[number] = jobs[number]()
        except Refusal as refusal:
            results[number] = refusal
        except BaseException as error:
            results[number] = error
        finally:
            connection.close()
            hot.store().close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    failed = [found for found in results if isinstance(found, BaseException)]
    broken = [error for error in failed if not isinstance(error, Refusal)]
    if broken:
        raise broken[0]
    return results


def refused(results: Sequence[Any]) -> list[str]:
    """Return the codes of those that were refused."""
    return [found.code for found in results if isinstance(found, Refusal)]


def succeeded(results: Sequence[Any]) -> list[Any]:
    """Return what those brought that were not refused."""
    return [found for found in results if not isinstance(found, Refusal)]
