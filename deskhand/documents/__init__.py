"""Invoices, credit notes, delivery notes and the papers of cases as HTML and PDF. Stores and sends nothing."""

from deskhand.documents.credit_note import credit_note_sheet
from deskhand.documents.delivery_note import delivery_note_numbers, delivery_note_sheets
from deskhand.documents.html import to_html
from deskhand.documents.invoice import invoice_sheet
from deskhand.documents.pdf import to_pdf
from deskhand.documents.sheet import Sheet
from deskhand.documents.words import Stationery

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
