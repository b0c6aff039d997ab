"""Invoices, credit notes and delivery notes as HTML and PDF. Knows nothing of the store or of sending."""

from deskhand.worker.documents.credit_note import credit_note_sheet
from deskhand.worker.documents.delivery_note import delivery_note_numbers, delivery_note_sheets
from deskhand.worker.documents.html import to_html
from deskhand.worker.documents.invoice import invoice_sheet
from deskhand.worker.documents.pdf import to_pdf
from deskhand.worker.documents.sheet import Sheet
from deskhand.worker.documents.words import Stationery

__all__ = [
    "Sheet",
    "Stationery",
    "credit_note_sheet",
    "delivery_note_numbers",
    "delivery_note_sheets",
    "invoice_sheet",
    "to_html",
    "to_pdf",
]
