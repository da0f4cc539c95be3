"""Invoices and credit notes: opened once, never changed, corrected by another."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from events.trail import Origin
from orders import pricing
from orders.models import Invoice, InvoiceLine, Order, TenantCredit
from orders.pricing import LineKind
from orders.services.numbering import CREDIT_NOTES, INVOICES, next_number
from orders.services.standing import tell
from orders.states import InvoiceKind, OrderStatus, PaymentStatus

_ZERO = Decimal(0)


def open_invoice(order: Order, *, at: datetime, origin: Origin) -> Invoice:
    """Open the invoice of a locked order; what was paid already pays it."""
    invoice = Invoice(
        number=next_number(INVOICES, at=at),
        kind=InvoiceKind.INVOICE.value,
        tenant=order.tenant,
        customer=order.customer,
        order=order,
        currency=order.currency,
        net_amount=order.total_amount - order.tax_amount,
        tax_amount=order.tax_amount,
        amount=order.total_amount,
        tax_note=order.tax_note,
        billed_to=_billed_to(order),
        opened_at=at,
        due_date=at + timedelta(days=order.tenant.payment_terms_days),
    )
    invoice.save(force_insert=True)
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            position=line.position,
            kind=line.kind,
            description=_described(order, line.kind),
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
        )
        for line in order.lines.all()
    )
    _tell(invoice, order, "invoice.opened", at=at, origin=origin)
    note_paid(order, at=at, origin=origin)
    return invoice


def note_paid(order: Order, *, at: datetime, origin: Origin) -> None:
    """Let the open invoice of a locked order be paid, once the order is."""
    if order.payment_status != PaymentStatus.PAID:
        return
    invoice = _open_one(order)
    if invoice is not None:
        Invoice.objects.filter(pk=invoice.pk).update(paid_at=at)
        _tell(invoice, order, "invoice.paid", at=at, origin=origin)


def void_unpaid(order: Order, *, at: datetime, origin: Origin) -> None:
    """Void the invoice of a locked order that nobody will pay any more."""
    invoice = _open_one(order)
    if invoice is not None:
        Invoice.objects.filter(pk=invoice.pk).update(voided_at=at)
        _tell(invoice, order, "invoice.voided", at=at, origin=origin)


def credit(
    order: Order, refunded: Decimal, *, reason: str, at: datetime, origin: Origin
) -> Invoice | None:
    """
    Correct the invoice of a locked order by what goes back, with a note of its own number.

    What was paid beyond the invoice is given back without one, and so is what a void one had.
    """
    invoice = order.invoices.filter(kind=InvoiceKind.INVOICE.value, voided_at=None).first()
    if invoice is None:
        return None
    noted = invoice.corrections.aggregate(sum=Sum("amount"))["sum"] or _ZERO
    beyond = max(order.paid_amount - order.total_amount, _ZERO)
    amount = min(refunded, max(order.refunded_amount - beyond, _ZERO) - noted)
    if amount <= 0:
        return None
    tax = pricing.to_minor_unit(amount * invoice.tax_amount / invoice.amount, invoice.currency)
    note = Invoice(
        number=next_number(CREDIT_NOTES, at=at),
        kind=InvoiceKind.CREDIT_NOTE.value,
        tenant=order.tenant,
        customer=order.customer,
        order=order,
        corrects=invoice,
        currency=invoice.currency,
        net_amount=amount - tax,
        tax_amount=tax,
        amount=amount,
        tax_note=invoice.tax_note,
        billed_to=invoice.billed_to,
        notes=reason,
        opened_at=at,
        due_date=at,
        paid_at=at,
    )
    note.save(force_insert=True)
    lines: list[tuple[LineKind, Decimal]] = [(LineKind.BASE, amount - tax)]
    if tax:
        lines.append((LineKind.TAX, tax))
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=note,
            position=position,
            kind=kind.value,
            description=f"{invoice.number}: {_described(order, kind.value)}"[:300],
            quantity=1,
            amount=value,
        )
        for position, (kind, value) in enumerate(lines, 1)
    )
    _tell(note, order, "invoice.credited", reason=reason, at=at, origin=origin)
    return note


def settle_credit(order: Order, *, at: datetime) -> None:
    """Let the tenant's credit from a locked order be what was paid beyond it, and is held."""
    kept = order.credits.aggregate(sum=Sum("amount"))["sum"] or _ZERO
    cancelled = order.status == OrderStatus.CANCELLED
    due = _ZERO if cancelled else max(order.held_amount - order.total_amount, _ZERO)
    if due != kept:
        TenantCredit.objects.create(
            tenant=order.tenant,
            order=order,
            amount=due - kept,
            currency=order.currency,
            credited_at=at,
        )


def _open_one(order: Order) -> Invoice | None:
    invoices = order.invoices.in_status("OPEN")
    found: Invoice | None = invoices.filter(kind=InvoiceKind.INVOICE.value).first()
    return found


def _billed_to(order: Order) -> dict[str, Any]:
    """Return whom the invoice names: the customer if there is one, else the organisation."""
    buyer = order.customer or order.tenant
    company = getattr(order.customer, "company", "") or order.tenant.name
    named = {"name": buyer.name, "company": company, "tax_id": buyer.tax_id}
    address = buyer.billing_address or order.tenant.billing_address
    return {name: value for name, value in named.items() if value} | {"address": address or {}}


def _described(order: Order, kind: str) -> str:
    template = order.template
    if kind in (LineKind.DISCOUNT, LineKind.TAX):
        return order.tax_note if kind == LineKind.TAX else ""
    return f"{template.product.product_name}: {template.template_name}"[:300]


def _tell(
    invoice: Invoice,
    order: Order,
    event: str,
    *,
    reason: str = "",
    at: datetime,
    origin: Origin,
) -> None:
    changes = {
        "number": (None, invoice.number),
        "amount": (None, invoice.amount),
        "currency": (None, invoice.currency),
    }
    tell(order, event, changes=changes, reason=reason, at=at, origin=origin)
