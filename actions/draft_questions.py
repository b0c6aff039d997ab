"""What the order form says: problems, the next question, the read-back card. Knows nothing of how a text is read."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from actions import cards
from actions.draft_editor import DraftEditor
from actions.draft_edits import edits_of
from actions.order_draft import CONFIRM, CUSTOMER, DELIVERY_DATE, LINES, PRODUCT, QUANTITY, OrderDraft
from actions.turn import Turn
from deskhand.orders.duplicates import like
from deskhand.orders.errors import DeskhandError, TermsNotGranted, TermsOutOfRange
from deskhand.orders.model import Order
from deskhand.orders.scenario import earliest_day, of_order

_ASKS_AGAIN = {  # what is asked when the rehearsal of the order is refused
    "date_in_past": DELIVERY_DATE, "unknown_customer": CUSTOMER, "nothing_ordered": LINES,
}  # fmt: skip


def say_problems(turn: Turn, editor: DraftEditor) -> None:
    """Each once, with dates in full."""
    seen: set[str] = set()
    for problem in editor.problems:
        values = dict(problem.values)
        if str((problem.code, values)) not in seen:
            seen.add(str((problem.code, values)))
            turn.say_refusal(problem.code, values)


def ask(turn: Turn, draft: OrderDraft, question: str, with_list: bool = True) -> None:
    """One question. Where there is a choice, the list comes with it."""
    if question == CUSTOMER and draft.customer_choices:
        turn.say("utter_customer_ambiguous", said=draft.customer_said or "?")
        if with_list:
            names = turn.catalogue.customers
            options = [cards.Option(one, names[one].name) for one in draft.customer_choices]
            draft.card = cards.ask_which(turn, cards.title(turn, "choose_customer"), options, {"purpose": "draft"}).id
    elif question == PRODUCT:
        said = draft.open_lines[0].said
        turn.say("utter_question_product", said=said)
        if with_list:
            draft.card = ask_which_product(turn, draft, "draft")
    elif question == QUANTITY:
        sku = draft.open_lines[0].sku
        name = turn.catalogue.product_name(sku, turn.language) if sku else draft.open_lines[0].said
        turn.say("utter_question_quantity", product=name)
    else:
        turn.say(f"utter_question_{question}")


def ask_which_product(turn: Turn, draft: OrderDraft, purpose: str) -> str:
    """The list of products that the first open line can mean; returns the card's id."""
    line = draft.open_lines[0]
    options = [_product(turn, sku) for sku in line.candidates]
    return cards.ask_which(turn, cards.title(turn, "choose_product", said=line.said), options, {"purpose": purpose}).id


def _product(turn: Turn, sku: str) -> cards.Option:
    price = turn.catalogue.products[sku].price
    amount = turn.wording.money(price.amount, price.currency, turn.language)
    return cards.Option(sku, turn.catalogue.product_name(sku, turn.language), f"{sku} · {amount}")


def read_back(turn: Turn, draft: OrderDraft) -> str:
    """The card with everything on it, as the order would be; returns the question that is open now."""
    try:
        order = turn.rehearse(draft.command()).order
    except (TermsNotGranted, TermsOutOfRange) as error:
        say_terms_stay(turn, error)
        draft.payment_days, draft.payment_month_end = None, False
        return read_back(turn, draft)
    except DeskhandError as error:
        turn.refuse(error)
        question = _ASKS_AGAIN.get(error.code, LINES)
        if question == DELIVERY_DATE:
            draft.delivery_date = None
        return question
    assert order is not None
    facts = cards.order_facts(turn, order)
    card = cards.face(
        turn, "order_draft", cards.title(turn, "order_draft"), facts,
        lines=cards.order_lines(turn, order, _stock(turn, order)), total=cards.total(turn, order),
        edits=edits_of(turn, draft),
    )  # fmt: skip
    _say_if_early(turn, order)
    draft.like = _say_if_like(turn, order)
    turn.say("utter_question_order_confirmation")
    buttons = cards.yes_or_no(turn, "confirm_again" if draft.like else "confirm_draft", "reject_draft")
    draft.card = cards.issue(turn, card, {"purpose": "draft"}, buttons).id
    return CONFIRM


def _say_if_early(turn: Turn, order: Order) -> None:
    """Where the wanted day is before the first that the scenario can keep; the person decides."""
    scenario = of_order(turn.services.desk.process_of(order.tenant).decide, order)
    earliest = earliest_day(scenario, turn.uow.tenant, turn.uow.now)
    if order.delivery_date is not None and order.delivery_date < earliest and not turn.is_customer:
        turn.say("utter_earlier_than_planned", date=turn.wording.day(earliest, turn.language))


def _say_if_like(turn: Turn, order: Order) -> str | None:
    """The number of an order with the same content that was placed a short time ago: the yes is to know of it."""
    found = like(turn.uow, turn.uow.tenant, order)
    if found is None:
        return None
    at = found.created_at.astimezone(ZoneInfo(turn.uow.tenant.time_zone))
    when = turn.wording.say("parts", "of_day", turn.language, day=_day(turn, at.date()), time=f"{at:%H:%M}")
    turn.say("utter_possible_duplicate", number=found.number, when=when)
    return found.number


def _day(turn: Turn, day: date) -> str:
    today = turn.wording.say("parts", "today", turn.language)
    return today if day == turn.today else turn.wording.day(day, turn.language)


def say_terms_stay(turn: Turn, error: TermsNotGranted | TermsOutOfRange) -> None:
    """Why days to pay were not taken; all else that was said goes on."""
    if turn.is_customer and isinstance(error, TermsNotGranted):
        turn.say("utter_terms_by_staff")
    else:
        turn.refuse(error)
    turn.note_refusal(error)


def _stock(turn: Turn, order: Order) -> dict[str, str]:
    """What the warehouse has of each line, said from the line's point of view."""
    levels = turn.uow.stock.levels([(order.warehouse, line.sku) for line in order.lines])
    return {
        line.sku: cards.with_packs(
            turn, line, cards.stock_note(turn, line, levels[order.warehouse, line.sku].available)
        )
        for line in order.lines
        if (order.warehouse, line.sku) in levels
    }
