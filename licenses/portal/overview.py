"""The first page of a tenant: what it owns, and what needs somebody."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.portal.door import TenantView
from events.models import Event
from licenses.models import License
from licenses.selectors import drawing
from licenses.selectors.portfolio import Portfolio, portfolio_of, spread
from licenses.selectors.story import Line, story

# A page is read at a glance: longer lists have their own.
_OF_A_KIND = 2
_ROWS_AHEAD = 8
_CLOSEST = 4
_LATELY = 6


class OverviewPage(TenantView):
    """`/t/<code>/`."""

    scope = "licenses:read"
    section = "overview"
    template_name = "portal/overview.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        portfolio = portfolio_of(self.rows(License), at=self.at)
        taken, seats = portfolio.seats
        todo = portfolio.needing
        return self.page(
            {
                "portfolio": portfolio,
                "todo": [(kind, row) for kind, rows in todo.items() for row in rows[:_OF_A_KIND]],
                "todo_total": sum(map(len, todo.values())),
                # As many as the list has to which it leads, whether or not they all need somebody.
                "more": {
                    kind: len(getattr(portfolio, kind))
                    for kind, rows in todo.items()
                    if len(rows) > _OF_A_KIND
                },
                "ahead": self._ahead(portfolio),
                "all_ahead": len(portfolio.ahead),
                "months": drawing.months_ahead(self.at),
                "seats_taken": taken,
                "seats": seats,
                "closest": portfolio.closest_to_full[:_CLOSEST],
                "lately": self._lately(portfolio),
            }
        )

    def _lately(self, portfolio: Portfolio) -> list[tuple[Line, str]]:
        """The newest events, each with the licence it befell."""
        names: dict[Any, str] = {row.pk: row.product_name for row in portfolio.licenses}
        lines = story(self.rows(Event), limit=_LATELY)
        return [(line, names.get(line.event.license_id, "")) for line in lines]

    def _ahead(self, portfolio: Portfolio) -> list[tuple[License, drawing.Ruler]]:
        """A few from the next to end to the last: the soonest alone would say nothing of a year."""
        return [
            (row, drawing.year_ahead(row, self.at)) for row in spread(portfolio.ahead, _ROWS_AHEAD)
        ]
