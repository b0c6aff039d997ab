"""Corrections to a draft in one utterance: A4纸改成30箱, remove the printers, no, Acme Ltd not Acme Inc.

The utterance is cut into clauses; each sets, adds, takes away or swaps lines, or changes a field of the order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from deskhand.language.catalogue import Catalogue
from deskhand.language.draft import Draft
from deskhand.language.fillers import trimmed
from deskhand.language.lines import lines_in, settle_line
from deskhand.language.order import fields_in
from deskhand.language.quantities import Quantity, quantities_in
from deskhand.language.readings import ChangeReading, DraftLine, LineReading, OrderReading
from deskhand.language.replies import is_leave, is_question
from deskhand.language.text import blank, normalise

_VERB_EN = r"(?:remove|delete|drop|take|cancel|add|change|set|make|update|replace|swap|switch|reduce|increase|double)"
_CLAUSE = re.compile(
    rf"[;。!\n\x1f]+|,(?!\d{{3}}\b)|\.(?=\s|$)|\b(?:and then|then|and(?= (?:also )?{_VERB_EN}\b))\b|"
    rf"然后|并且|同时|(?:再|并)(?=把|将)|\b(?:but|also)\b",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^(?:\s|请|麻烦|帮我|那就|那|就|好|嗯|哦|不对|不是|错了|no\b|oh\b|ok\b|okay\b|"
    r"please\b|pls\b|can you\b|could you\b|would you\b|will you\b|actually\b|"
    r"sorry\b|wait\b|well\b|let's\b|i(?:'d like| want| would like) to\b"
    r"|we(?:'d like| want| would like) to\b|just\b|hmm\b|yes\b|对|还有|:)+",
    re.IGNORECASE,
)
_NOT_THIS = re.compile(r"(?:\bnot|而不是|不是|instead of|rather than|\bnot for) ?$", re.IGNORECASE)
_NEGATED = re.compile(r"^\s*(?:not|不是|而不是|instead of|rather than)", re.IGNORECASE)
_NOT_SO_MANY = re.compile(
    r"(?:不要|不是)[\d一二两三四五六七八九十百千万半]+[^\d,。;]{0,3}[, ]?(?:而是|是|要)(?=[\d一二两三四五六七八九十半])"
)
_INSTEAD = re.compile(r" (?:instead of|rather than|not) [^,;]*$| instead$", re.IGNORECASE)
_FIELD_WORDS = re.compile(
    r"地址|日期|交期|交货|时间|客户|联系|电话|送货|发货|收货|配送|方式|账期|付款|全部|所有|备注|"
    r"\b(?:address|date|deliver\w*|customer|client|contact|phone|mode|ship\w*|"
    r"payment|terms|note|courier|pick ?up|everything|all)\b",
    re.IGNORECASE,
)
_SET = (
    re.compile(
        r"^(?:把|将)?(?P<x>.*?)(?:的)?(?:数量)?(?:改成|改为|改到|改做|变成|变为|换成|"
        r"换为|调成|调到|调整[为到成]|设[为成]|减少?到|减少?为|增?加到|增加为|提高到|"
        r"应该是|应为|应是|只要|改|只需要?)(?:要)?(?P<y>.+)$"
    ),
    re.compile(
        r"^(?:change|set|update|adjust|increase|decrease|reduce|raise|switch|correct|"
        r"modify|lower|bump|make|replace|swap|edit) (?P<x>.*?) ?"
        r"(?:\b(?:to|into|with|up to|down to|for|by being|be)\b|=|->) ?(?P<y>.+)$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?:make|set|change|do) (?P<x>(?:it|that|them|those|this|the .+?|[a-z0-9 -]+?)) (?P<y>(?:\d|"
        r"a |an |one |two |three |four |five |six |seven |eight |nine |ten |half |"
        r"twenty |thirty |fifty |[一二两三四五六七八九十]).*)$",
        re.IGNORECASE,
    ),
    re.compile(r"^(?:make|set|change) (?P<y>(?:\d).*)()$", re.IGNORECASE),
    re.compile(r"^(?P<x>.+?) (?:should be|must be|is now|becomes|ought to be) (?P<y>.+)$", re.IGNORECASE),
    re.compile(
        r"^(?P<x>)(?:i meant|i mean|make that|it's|it is|应该要|是|而是|我是说|我要的是)(?P<y>.+)$", re.IGNORECASE
    ),
)
_REMOVE = (
    re.compile(
        r"^(?:把|将)?(?P<x>.+?)(?:给|都|也|就|全部?)*(?:去掉|删掉|删除|删了|删|去除|"
        r"拿掉|划掉|取消掉?|移除|撤掉|撤了|不要|不买|不需要|不订|减掉|拿走|去了|不用)(?:吧|"
        r"了|啦)*$"
    ),
    re.compile(
        r"^(?:去掉|删掉|删除|删|移除|拿掉|取消|不要|别要|不需要|不买|不订|不用|撤掉|"
        r"减掉|去除|划掉)(?P<x>.+?)(?:吧|了|啦)*$"
    ),
    re.compile(r"^take (?P<x>.+?) (?:off|out|away)(?: .*)?$", re.IGNORECASE),
    re.compile(
        r"^(?:remove|delete|drop|take (?:off|out|away)|get rid of|cancel|scrap|forget(?: about)?|"
        r"leave out|lose|without|skip|exclude|no more|no need for|no|minus"
        r"|(?:i |we )?(?:don'?t|do not|no longer) (?:want|need)(?: any)?) (?P<x>.+?)(?: from .*)?(?: any ?more|"
        r" off| out| please)?$",
        re.IGNORECASE,
    ),
)
_LESS = (
    re.compile(r"^(?:把|将)?(?P<x>.*?)(?:减少|减去|减掉|减|少要|少来|少)(?P<y>.+)$"),
    re.compile(r"^(?P<y>\d[\d,.]*|\w+) (?:fewer|less) (?P<x>.+)$", re.IGNORECASE),
    re.compile(r"^(?:reduce|decrease|lower|cut) (?P<x>.+) by (?P<y>.+)$", re.IGNORECASE),
)
_ADD = re.compile(
    r"^(?:(?:再加上?|再来|再要|再订|再买|再追加|再|加上|加|添加|增加|追加|另外再?要?|"
    r"还要|还需要|还|多加|多要|补|外加|另加|新增)|"
    r"(?:also )?(?:add|plus|include|throw in|additionally|extra|another|one more|"
    r"put in|put)\b|(?:i|we) (?:also|still) (?:need|want)\b|and\b)(?P<x>.+)$",
    re.IGNORECASE,
)
_MORE = re.compile(r"^(?P<n>.+?) (?:more|extra|additional)\b (?P<rest>.+)$", re.IGNORECASE)
_ADD_X = re.compile(r"^(?P<x>.+?)(?:再加|再来|再要|加|增加|追加|多加|多要)(?P<y>.+)$")
_DOUBLE = re.compile(
    r"^(?:把|将)?(?:double|twice(?: as many| as much)?)(?P<x>.*)$|^(?:把|将)?(?P<z>.*?)(?:加倍|"
    r"翻倍|翻一番|double[d]?|要双倍)$",
    re.IGNORECASE,
)


@dataclass
class _Changes:
    """What has been gathered so far."""

    sets: list[LineReading] = field(default_factory=list)
    adds: list[LineReading] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    verb: str = ""

    def __bool__(self) -> bool:
        return bool(self.sets or self.adds or self.removed or self.unknown or self.problems)


def read_change(text: str, catalogue: Catalogue, today: date, draft_lines: Sequence[DraftLine]) -> ChangeReading | None:
    """The corrections in an utterance, or None when it corrects nothing (a question, small talk, giving up)."""
    plain = normalise(text)
    if not plain or is_question(plain) or is_leave(plain):
        return None
    plain = _NOT_SO_MANY.sub("改成", plain)
    rest, fields = fields_in(_without_negated_customer(plain, catalogue), catalogue, today, refusals=False)
    editor = _Editor(catalogue, Draft(draft_lines, catalogue))
    for clause in _CLAUSE.split(rest):
        editor.read(clause)
    found = editor.found
    fields, unknown = _known_customer(fields)
    problems = (*found.problems, *((fields.delivery_date_problem,) if fields.delivery_date_problem else ()))
    if not found and fields.is_empty and not unknown:
        return None
    removed = tuple(dict.fromkeys(found.removed))
    return ChangeReading(tuple(found.sets), tuple(found.adds), removed, fields, (*found.unknown, *unknown), problems)


def _without_negated_customer(text: str, catalogue: Catalogue) -> str:
    """ "Acme Ltd not Acme Inc": the second one is what it is not."""
    for span, _ in catalogue.customer_spans(text):
        negated = _NOT_THIS.search(text[: span[0]])
        if negated:
            text = blank(text, (negated.start(), span[1]))
    return text


def _known_customer(fields: OrderReading) -> tuple[OrderReading, tuple[str, ...]]:
    if fields.customer_said and not fields.customer and not fields.customer_candidates:
        return replace(fields, customer_said=None), (fields.customer_said,)
    return fields, ()


class _Editor:
    """Reads clause after clause into changes of one draft."""

    def __init__(self, catalogue: Catalogue, draft: Draft) -> None:
        self.catalogue = catalogue
        self.draft = draft
        self.found = _Changes()

    def read(self, clause: str) -> None:
        """Read one clause; a clause without a verb goes on with the verb before it."""
        words = (
            _POLITE.sub("", clause).strip(" ,.:吧") if not _NEGATED.match(clause) or "不是" not in clause else clause
        )
        words = re.sub(r"^\s*不是.*?(?:而是|是)", "是", words).strip()
        if not words or _NEGATED.match(words):
            return
        words = _INSTEAD.sub("", words)
        readers: tuple[Callable[[str], bool], ...] = (self._double, self._less, self._set, self._add, self._remove)
        if not any(reader(words) for reader in readers):
            self._plain(words)

    def _double(self, words: str) -> bool:
        match = _DOUBLE.match(words)
        lines = self.draft.pointed_at(match["x"] or match["z"] or "") if match else ()
        for line in lines:
            self._set_line(line, line.quantity * 2, line.unit, line.name)
        return bool(lines)

    def _less(self, words: str) -> bool:
        for pattern in _LESS:
            match = pattern.match(words)
            if match and self._take_off(match["x"], match["y"]):
                return True
        return False

    def _take_off(self, thing: str, amount: str) -> bool:
        """Less of a line; the thing may be said before or after the amount (减少5箱A4纸)."""
        quantity = self._quantity(amount)
        if quantity is None or quantity.value is None:
            return False
        line = self._line_for(thing.strip() or amount[quantity.span[1] :], quantity)
        if line is None:
            return False
        self._set_line(line, line.quantity - quantity.value, line.unit, line.name)
        return True

    def _set(self, words: str) -> bool:
        for pattern in _SET:
            match = pattern.match(words)
            if match and self._set_to(match["x"] if "x" in pattern.groupindex else "", match["y"].strip(" .")):
                self.found.verb = "set"
                return True
        return False

    def _set_to(self, thing: str, value: str) -> bool:
        quantity = self._quantity(value)
        lines = lines_in(value, self.catalogue)
        named = [line for line in lines if line.product or line.candidates]
        if named:
            return self._swap(thing, named)
        if quantity is None or quantity.value is None:
            return self._unheard(thing, value)
        line = self._line_for(thing, quantity)
        if line is None:
            return self._unclear(thing, value)
        if quantity.high is not None:
            self.found.problems.append("quantity_range")
            return True
        self._set_line(line, quantity.value, quantity.unit, value)
        return True

    def _swap(self, thing: str, named: list[LineReading]) -> bool:
        """打印机换成椅子: the new product in the place and quantity of the old one."""
        old = self.draft.pointed_at(thing) if thing.strip() else ()
        for line in named:
            product = line.product or self.draft.chosen(line)
            same = product and any(o.sku == product.sku for o in old)
            if len(old) != 1 or same:
                self._put(line, absolute=True)
                continue
            self.found.removed.append(old[0].sku)
            if line.quantity is None and line.problem in {"quantity_missing", "ambiguous_product"}:
                line = replace(line, quantity=old[0].quantity)
                line = settle_line(line, line.product) if line.product else line
            self.found.adds.append(line)
        return True

    def _unheard(self, thing: str, value: str) -> bool:
        start, end = trimmed(value, 0, len(value))
        if start == end or _FIELD_WORDS.search(f"{thing} {value}") or not self.draft.pointed_at(thing):
            return False
        self.found.unknown.append(value[start:end])
        return True

    def _unclear(self, thing: str, value: str) -> bool:
        start, end = trimmed(thing, 0, len(thing))
        if _FIELD_WORDS.search(thing):
            return True
        self.found.unknown += [thing[start:end]] if start < end else []
        self.found.problems.append(
            "line_unclear" if start == end or self.draft.pointed_at(thing) else "unknown_product"
        )
        return True

    def _add(self, words: str) -> bool:
        more = _MORE.match(words)
        match = _ADD.match(words)
        if more and self._quantity(more["n"]):
            match, thing = more, re.sub(r"\b(?:add|and|also|with)\b", "", f"{more['n']} {more['rest']}")
        elif match:
            thing = match["x"]
        else:
            return self._add_to(words)
        self.found.verb = "add"
        return self._increase(thing)

    def _add_to(self, words: str) -> bool:
        match = _ADD_X.match(words)
        lines = self.draft.pointed_at(match["x"]) if match else ()
        quantity = self._quantity(match["y"]) if match and len(lines) == 1 else None
        if quantity is None or quantity.value is None:
            return False
        self.found.adds.append(self._reading(lines[0], quantity.value, quantity.unit, words))
        return True

    def _increase(self, thing: str) -> bool:
        lines = [line for line in lines_in(thing, self.catalogue) if line.said or line.product]
        if not lines:
            return self._increase_it(thing)
        for line in lines:
            self._put(line, absolute=False)
        return True

    def _increase_it(self, thing: str) -> bool:
        quantity = self._quantity(thing)
        line = self._line_for("", quantity) if quantity else None
        if line is None or quantity is None or quantity.value is None:
            return False
        self.found.adds.append(self._reading(line, quantity.value, quantity.unit, thing))
        return True

    def _remove(self, words: str) -> bool:
        for pattern in _REMOVE:
            match = pattern.match(words)
            if match and self._remove_all(match["x"]):
                self.found.verb = "remove"
                return True
        return False

    def _remove_all(self, things: str) -> bool:
        quantity = self._quantity(things)
        if quantity and quantity.value and self._take_off(things[: quantity.span[0]], things[quantity.span[0] :]):
            return True
        handled = [
            self._remove_one(thing) for thing in re.split(r"\band\b|&|和|与|、|跟|以及|,", things) if thing.strip()
        ]
        return any(handled)

    def _remove_one(self, thing: str) -> bool:
        lines = self.draft.pointed_at(thing)
        every = bool(re.fullmatch(r"\s*(?:all.*|everything|全部.*|所有.*)", thing, re.IGNORECASE))
        if len(lines) == 1 or (lines and every):
            self.found.removed += [line.sku for line in lines]
            return True
        start, end = trimmed(thing, 0, len(thing))
        if start == end or _FIELD_WORDS.search(thing):
            return False
        self.found.unknown.append(thing[start:end])
        self.found.problems.append("ambiguous_product" if lines else "unknown_product")
        return True

    def _plain(self, words: str) -> None:
        if self.found.verb == "remove" and self._quantity(words) is None:
            if self.draft.pointed_at(words) and trimmed(words, 0, len(words)) != (0, 0):
                self._remove_all(words)
            return
        lines = lines_in(words, self.catalogue)
        if len(lines) == 1 and not lines[0].said and lines[0].quantity is not None:
            self._set_to("", words)
            return
        for line in lines:
            if line.quantity is not None or line.quantity_range:
                self._put(line, absolute=self.found.verb != "add")

    def _put(self, line: LineReading, *, absolute: bool) -> None:
        """A line that names its product: set when the draft has it, added when not."""
        chosen = None if line.product else self.draft.chosen(line)
        line = settle_line(line, chosen) if chosen else line
        if line.product is None and not line.candidates and line.said and (own := self.draft.named(line.said)):
            line = settle_line(line, self.draft.product(own[0])) if len(own) == 1 else line
        drafted = self.draft.line_of(line.product.sku) if line.product else None
        if drafted and line.product and line.unit is None and drafted.unit:
            line = settle_line(replace(line, unit=drafted.unit), line.product)
        (self.found.sets if drafted and absolute else self.found.adds).append(line)
        if line.problem:
            self.found.problems.append(line.problem)
            self.found.unknown += [line.said] if line.problem == "unknown_product" and line.said else []

    def _quantity(self, words: str) -> Quantity | None:
        names = [span for span, _ in self.catalogue.product_spans(words)]
        return next(iter(quantities_in(words, names, self.catalogue)), None)

    def _line_for(self, thing: str, quantity: Quantity) -> DraftLine | None:
        start, end = trimmed(thing, 0, len(thing))
        lines = self.draft.pointed_at(thing)
        if not lines and not re.search(r"\w", thing[start:end].replace("it", "").replace("that", "")):
            lines = self.draft.of_unit(quantity.unit)
        return lines[0] if len(lines) == 1 else None

    def _reading(self, line: DraftLine, quantity: Decimal, unit: str | None, said: str) -> LineReading:
        reading = LineReading(None, (), said, quantity, unit or line.unit, (0, 0))
        return settle_line(reading, self.draft.product(line))

    def _set_line(self, line: DraftLine, quantity: Decimal, unit: str | None, said: str) -> None:
        reading = self._reading(line, quantity, unit, said)
        self.found.sets.append(reading)
        self.found.verb = "set"
        if reading.problem:
            self.found.problems.append(reading.problem)
