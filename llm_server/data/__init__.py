"""Makes training data of a company's own texts: reads, cleans, augments, splits, looks for leaks, packs, and says so.

    python -m llm_server.data DATA.yml

It reads files and knows nothing of orders, of models' weights or of training.
"""

from llm_server.data.errors import DataError, DataUnusable, PlanInvalid
from llm_server.data.plan import Plan, read_plan
from llm_server.data.preparing import prepare
from llm_server.data.records import Kind, Record

__all__ = ["DataError", "DataUnusable", "Kind", "Plan", "PlanInvalid", "Record", "prepare", "read_plan"]
