"""The numbers that /metrics shows."""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

REQUESTS = Counter("portal_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("portal_request_seconds", "Time to answer", ["route"])
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    # A caller may invent methods; each would be a series of its own for ever.
    REQUESTS.labels(method if method in METHODS else "OTHER", route, status).inc()
    SECONDS.labels(route).observe(seconds)


def exposition() -> bytes:
    """
    Give all numbers in Prometheus' text form.

    With several server processes each holds its own, and PROMETHEUS_MULTIPROC_DIR is the folder
    where they meet; without it the answer would be that of one process by chance.
    """
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
