"""Invoices made from tickets, for companies, public bodies and whoever asks: their own series (R68, R69)."""

from pos.feature import Feature
from pos.i18n import N_
from pos.till.invoices import desk, events, tables

INVOICES = Feature(
    slug="invoices",
    title=N_("Invoices"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=(desk.note_buyer, desk.invoice_ticket, desk.invoice_bill, desk.credit_refund, desk.receive_payment),
)
