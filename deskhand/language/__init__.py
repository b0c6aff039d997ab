"""What people wrote, in Chinese, English or both: order lines, quantities, dates, money, who and which order.

Plain functions over text and a catalogue. Knows nothing of databases, HTTP, the dialogue engine or the order's rules.
"""

from deskhand.language.again import same_order_in
from deskhand.language.amendment import read_amendment, says_new_order
from deskhand.language.answer import read_answer
from deskhand.language.catalogue import Catalogue
from deskhand.language.change import read_change
from deskhand.language.choice import pick
from deskhand.language.customers import customers_of_orders
from deskhand.language.dates import read_dates
from deskhand.language.lines import settle_line
from deskhand.language.numerals import read_counts
from deskhand.language.order import read_order
from deskhand.language.parts import split_orders
from deskhand.language.passage_words import words_of
from deskhand.language.passages import FoundPassage, Passage, quote, rank, search_words
from deskhand.language.payment import amount_answered, read_payment, reference_answered, says_rest
from deskhand.language.quantities import problem_of
from deskhand.language.readings import (
    AnswerReading,
    CarrierReading,
    CatalogueCustomer,
    CatalogueProduct,
    ChangeReading,
    DateReading,
    DraftLine,
    LineReading,
    Match,
    MomentReading,
    MoneyReading,
    NumberReading,
    OrderReading,
    QuantityReading,
    RequestReading,
    ShipmentReading,
    SomeReading,
)
from deskhand.language.reason import read_reason
from deskhand.language.references import is_of_order, read_order_numbers
from deskhand.language.replies import (
    asks_for_bot,
    asks_for_person,
    is_leave,
    is_no,
    is_question,
    is_yes,
    starts_with_no,
)
from deskhand.language.requests import read_requests
from deskhand.language.shipment import read_shipment
from deskhand.language.some_goods import cancels_goods, read_some, says_part, says_spoilt, spoilt_said, without_rest
from deskhand.language.text import detect_language, normalise
from deskhand.language.times_of_day import read_times_of_day
from deskhand.language.values import read_moments, read_money, read_numbers, read_quantities

__all__ = [
    "AnswerReading",
    "CarrierReading",
    "Catalogue",
    "CatalogueCustomer",
    "CatalogueProduct",
    "ChangeReading",
    "DateReading",
    "DraftLine",
    "FoundPassage",
    "LineReading",
    "Match",
    "MomentReading",
    "MoneyReading",
    "NumberReading",
    "OrderReading",
    "QuantityReading",
    "Passage",
    "RequestReading",
    "ShipmentReading",
    "amount_answered",
    "asks_for_bot",
    "asks_for_person",
    "customers_of_orders",
    "detect_language",
    "is_leave",
    "is_no",
    "is_of_order",
    "is_question",
    "is_yes",
    "normalise",
    "pick",
    "problem_of",
    "quote",
    "rank",
    "read_amendment",
    "read_answer",
    "read_change",
    "read_counts",
    "read_dates",
    "read_moments",
    "read_times_of_day",
    "read_money",
    "read_numbers",
    "read_order",
    "read_order_numbers",
    "read_payment",
    "read_quantities",
    "read_reason",
    "read_requests",
    "reference_answered",
    "read_shipment",
    "read_some",
    "says_part",
    "says_rest",
    "says_spoilt",
    "spoilt_said",
    "without_rest",
    "cancels_goods",
    "SomeReading",
    "says_new_order",
    "search_words",
    "settle_line",
    "same_order_in",
    "split_orders",
    "starts_with_no",
    "words_of",
]
