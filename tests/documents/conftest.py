"""The words and letterheads that documents are made with."""

from tests.worker.conftest import stationery

__all__ = ["stationery"]
