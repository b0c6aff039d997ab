"""Cells as other systems write them -> values that we can trust, or the reason why not. Knows no files, no storage."""

from deskhand.erp.cleaning.cleaner import Cleaner
from deskhand.erp.cleaning.model import Change, Changes, CleanBatch, Refused, Value
from deskhand.erp.cleaning.profile import Profile
from deskhand.erp.cleaning.rules import DateOrder, DecimalSign, Missing, MissingRule, Rules

__all__ = [
    "Change",
    "Changes",
    "CleanBatch",
    "Cleaner",
    "DateOrder",
    "DecimalSign",
    "Missing",
    "MissingRule",
    "Profile",
    "Refused",
    "Rules",
    "Value",
]
