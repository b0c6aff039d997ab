"""Numbers, money, measured quantities and moments in any text, in Chinese and English.

Each reader takes a text as it was given and tells where something stands and what it is worth: `read_numbers`,
`read_money`, `read_quantities`, `read_moments`. Knows nothing of orders, products or dialogue; what an order means by
its numbers and dates is read by the modules above.
"""

from deskhand.language.values.measures import read_quantities
from deskhand.language.values.moments import read_moments
from deskhand.language.values.money import read_money
from deskhand.language.values.numbers import read_numbers
from deskhand.language.values.units import MEASURES

__all__ = ["MEASURES", "read_moments", "read_money", "read_numbers", "read_quantities"]
