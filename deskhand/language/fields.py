"""Several fields of a form out of what people wrote: marked by their names, told by their form, or asked for.

Reads answers, corrections (金额改成三万; no, make it 30k) and what is no answer at all. What a value looks like is read
in `field_values`; whether it is allowed, and which process the fields are of, nobody here knows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from deskhand.language.field_values import FieldShape, FieldValue, Surroundings, Value, answer_of, bounded, values_in
from deskhand.language.replies import is_leave, is_no, is_question, is_yes
from deskhand.language.text import blank, normalise

_SEPARATOR = re.compile(r"(?:,(?!\d{3}(?!\d))|[。;；、\n!！]|\.(?= |$)|\x1f)+")
_LINK = re.compile(
    r" ?(?:改成|改为|改到|换成|变成|设为|应该是|是|为|:|=|(?:should be|is|are|was|to|of|at|=)(?![A-Za-z]))+ ?", re.I
)
_TAKEN_BACK = re.compile(
    r"^(?:不对|不是的?|错了|说错了?|搞错了?|等等|哦|抱歉|不好意思|"
    r"(?:no|nope|wait|sorry|oops|wrong|actually|i mean|i meant|rather)(?![A-Za-z]))[ ,]*",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"^(?:(?:把|将|请|帮我|麻烦|please|pls|can you|could you|then|and)[ ]?)*"
    r"(?:改成|改为|改到|换成|改|换|应该是|就是|是|"
    r"change|make|set|update|correct|put|it should be|it's|it is|that should be|should be)"
    r"(?![A-Za-z])[ ]?(?:it|that|this)?(?: to)?(?![A-Za-z]) ?",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:请|麻烦你?|帮我|帮忙|我们|我|想要|想|要|需要|申请|提交|发起|填写?|新建|办|走|采购|购买|买|订购|一个|一份|一下|的|个|那|就|和|还有|另外|把|将|在|"
    r"(?:please|can you|could you|i'd like|i would like|i|we|want|need|would like|to|submit|start|file|raise|open|"
    r"create|request|apply|for|buy|purchase|get|an?|and|also|with|then|the|my|our|change|set|"
    r"update)(?![A-Za-z])|[ :,])++",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[ :,]|需要|要|之?前|以前|吧|了|的|谢谢|左右|大概|预算|预计|一共|总共|合计|"
    r"(?<![A-Za-z])(?:by|before|please|thanks|about|around|for|at|to|needed|on|until|budget|is|it'?s|the|and|total(?:ling)?|costs?|costing|"
    r"worth|in))++$",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"(?:不是|不要|别|从|由|\bnot|\bfrom|\binstead of|\brather than|n't) ?$", re.IGNORECASE)
_REPLACED = re.compile(r" ?(?:不对|错了|改成|改为|换成|改到|不要)|[ ]?(?:is |was )?wrong\b", re.IGNORECASE)
_UP_TO = re.compile(r" ?(?:to|-|~|到|至) ?", re.IGNORECASE)
_NOT_AT = re.compile(r"(?:不|非|无需|\bnot|\bno|n't) ?$", re.IGNORECASE)


@dataclass(frozen=True)
class FieldReading:
    """What a text says of one field; `problem` says why it can't be used: several, currency, range."""

    name: str
    value: Value | None
    problem: str | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormReply:
    """What a text is to a form: fields (answers and corrections), leave, yes, no, or a digression."""

    kind: str
    fields: tuple[FieldReading, ...] = ()


def read_reply(
    text: str,
    shapes: Sequence[FieldShape],
    around: Surroundings,
    known: Collection[str],
    asked: str | None,
    opening: Sequence[str] = (),
) -> FormReply:
    """What a text is to the pending question; `asked` is None while a card waits for its yes.

    Args:
        opening: the words by which the form is begun, where the text seems to begin it again.
    """
    said = normalise(text)
    wanted = next((shape for shape in shapes if shape.name == asked), None)
    if is_leave(said):
        return FormReply("leave")
    if not said or is_question(said):
        return FormReply("digression")
    if (wanted is None or wanted.type != "boolean") and (is_no(said) or is_yes(said)):
        return FormReply("no" if is_no(said) else "yes")
    found = read_fields(said, shapes, around, known, asked, opening)
    return FormReply("fields", found) if found else FormReply("digression")


def read_fields(
    text: str,
    shapes: Sequence[FieldShape],
    around: Surroundings,
    known: Collection[str] = (),
    asked: str | None = None,
    opening: Sequence[str] = (),
) -> tuple[FieldReading, ...]:
    """All fields that a text speaks of, the newest word on each.

    Args:
        known: the names of the fields that have a value: what is said again of one of these corrects it.
        asked: the field that was asked for: the first words that are no other field's are its value.
        opening: the words by which the form was begun; what stands before them is no value.
    """
    said = normalise(text)
    form = _Form(tuple(shapes), around, frozenset(known), next((s for s in shapes if s.name == asked), None))
    before, after = _parted(said, opening)
    for section in _sections(before, around):
        form.read_lead(section)
    for section in _sections(after, around):
        form.read(section)
    return tuple(form.found.values())


def without_codes(text: str, codes: re.Pattern[str]) -> str:
    """The text without codes of some form, and without what ties them to the rest: "of PA-1001", PA-1001的."""
    tied = rf"(?:\b(?:of|for|in|on|to) )?{codes.pattern}(?: ?的)?[ :,]*"
    return re.sub(tied, " ", normalise(text), flags=re.IGNORECASE).strip(" ,:")


_ALL = re.compile(
    r"(?:就)?这(?:些|样)(?:就?(?:可以|行|好|够))?了?(?:吧|就行)?|(?:就这(?:些|样))|没有?(?:别的|其他的?|更多)了?|没有?了|不用了|不补充了?|"
    r"(?:no,? )?(?:that'?s|that is|thats) (?:all|it|everything)|nothing (?:else|more)|no more|all done",
    re.IGNORECASE,
)


def is_all(text: str) -> bool:
    """就这些; that's all: to what else may be said."""
    return bool(_ALL.fullmatch(normalise(text).strip(" ,.!。")))


def field_named(text: str, shapes: Sequence[FieldShape]) -> str | None:
    """The one field of which the text says nothing but its name: 供应商; the supplier."""
    said = _TAIL.sub("", _LEAD.sub("", _CHANGE.sub("", normalise(text)))).strip(" ?？").lower()
    found = [shape.name for shape in shapes if said and said in {normalise(name).lower() for name in shape.names}]
    return found[0] if len(found) == 1 else None


def _parted(text: str, opening: Sequence[str]) -> tuple[str, str]:
    """What stands before and after the words that begin the form, the longest of them."""
    lowered = text.lower()
    for words in sorted(opening, key=len, reverse=True):
        match = re.search(bounded(normalise(words).lower()), lowered)
        if match:
            return text[: match.start()], text[match.end() :]
    return "", text


def _sections(text: str, around: Surroundings) -> Iterator[str]:
    """Between commas, full stops and line ends, but for those inside a day (Dec 4, 2026)."""
    days = [day.span for day in values_in(text, FieldShape("", "date"), around)]
    start = 0
    for match in _SEPARATOR.finditer(text):
        if not any(first < match.start() < last for first, last in days):
            yield text[start : match.start()].strip(" :")
            start = match.end()
    yield text[start:].strip(" :")


_BY_FORM = ("moment", "date", "order", "customer", "product", "choice", "person", "money", "integer", "number")
_BEYOND_WORDS = _BY_FORM[:-2]  # 激光打印机20台 to "what is bought?" are goods, and no 20 of anything else


@dataclass
class _Form:
    """Reads section after section. `due` is the field that the next unmarked words belong to."""

    shapes: tuple[FieldShape, ...]
    around: Surroundings
    known: frozenset[str]
    due: FieldShape | None
    found: dict[str, FieldReading] = field(default_factory=dict)
    last: FieldShape | None = None
    open_text: bool = False  # the last words were of a marked text, which may go on after a comma
    corrects: bool = False

    def read_lead(self, section: str) -> None:
        """Words before those that begin the form: only what its form tells is a value."""
        for shape, value in self._evident(section):
            self._take(shape, value)

    def read(self, section: str) -> None:
        if self.due is not None and self.due.type == "boolean" and (said := answer_of(section, self.due, self.around)):
            self._take(self.due, said)
            self.due = None
            return
        rest = self._taken_back(section)
        if not rest:
            return
        marks = list(_marks(rest, self.shapes, self.around))
        if not marks:
            self._unmarked(rest)
            return
        before = rest[: marks[0][1][0]]
        if before and not _LEAD.fullmatch(before) and not _NOT_AT.fullmatch(before):
            self._unmarked(before)
        ends = [span[0] for _, span in marks[1:]] + [len(rest)]
        for (shape, span), end in zip(marks, ends, strict=True):
            self._marked(shape, rest[: span[0]], rest[span[1] : end].strip(" :"))

    def _taken_back(self, section: str) -> str:
        """Without 不对 and "no, make it": what follows corrects the field that was spoken of last."""
        match = _TAKEN_BACK.match(section)
        if match:
            self.corrects, self.open_text = True, False
            self.due = self.last or self.due
            return self._taken_back(section[match.end() :])
        change = _CHANGE.match(section)
        if change:
            self.corrects = True
            return section[change.end() :]
        return section

    def _marked(self, shape: FieldShape, before: str, rest: str) -> None:
        self.open_text = False
        value = self._yes_or_no(before, rest) if shape.type == "boolean" else self._value(shape, rest)
        if value is None:
            self.due = shape
            return
        self._take(shape, value)
        self.open_text = shape.type == "text"

    def _yes_or_no(self, before: str, rest: str) -> FieldValue | None:
        """加急, 不加急, urgent: yes."""
        said = answer_of(_unlinked(rest), FieldShape("", "boolean"), self.around) if rest else None
        if rest and said is None:
            return None
        return said or FieldValue(not _NOT_AT.search(before), (0, 0))

    def _value(self, shape: FieldShape, rest: str) -> FieldValue | None:
        """The value of a field that is named or due: what was not denied, else what the words alone give."""
        if shape.type == "text":
            words = _unlinked(rest)
            return answer_of(words, shape, self.around)
        meant = self._meant(rest, values_in(rest, shape, self.around))
        return meant or answer_of(_unlinked(rest), shape, self.around)

    def _meant(self, text: str, values: Sequence[FieldValue]) -> FieldValue | None:
        """The first value that is not denied; of "change 25k to 30k" the second, of "3 to 5" neither."""
        said = [each for each in values if not _denied(text, each)]
        if len(said) > 1 and _UP_TO.fullmatch(text, said[0].span[1], said[1].span[0]):
            return said[1] if self.corrects else replace(said[0], value=None, problem="range")
        return said[0] if said else None

    def _unmarked(self, section: str) -> None:
        if self.open_text and self.last is not None and not self._evident(section):
            self._append(section)
            return
        due, self.due = self.due, None
        rest = section
        if due is not None and due.type != "text" and (value := self._value(due, rest)) is not None:
            self._take(due, value)
            rest = blank(rest, value.span, " ") if value.span != (0, len(rest)) else ""
        evident = self._evident(rest, _BEYOND_WORDS if due is not None and due.type == "text" else _BY_FORM)
        for shape, value in evident:
            self._take(shape, value)
        self._leftover(due, section, _words_beside(rest, evident, self.around))

    def _leftover(self, due: FieldShape | None, section: str, rest: str) -> None:
        """Words that are no value of another type: the text that is due, or that is still missing."""
        words = _TAIL.sub("", _LEAD.sub("", rest)).strip()
        if due is not None and due.type == "text" and (rest == section or words):
            self._take(due, FieldValue(section if rest == section else words, (0, 0)))
            return
        target = self._free_text()
        if target is not None and sum(map(str.isalnum, words)) >= 2:
            self._take(target, FieldValue(words, (0, 0)))
        elif due is not None and due.name not in self.found:
            self.due = due

    def _free_text(self) -> FieldShape | None:
        """The text field that words without a name are for: the first that lacks one; to correct, the first."""
        texts = [shape for shape in self.shapes if shape.type == "text"]
        lacking = [shape for shape in texts if shape.name not in self.known and shape.name not in self.found]
        if self.corrects:
            return texts[0] if texts else None
        return lacking[0] if lacking and lacking[0] is texts[0] else None

    def _evident(self, text: str, kinds: Sequence[str] = _BY_FORM) -> list[tuple[FieldShape, FieldValue]]:
        """Values whose form tells their type, each for the field of that type that lacks one, or the only one."""
        found: list[tuple[FieldShape, FieldValue]] = []
        rest = text
        for kind in kinds:
            shapes = [s for s in self.shapes if s.type == kind and s.name not in self.found]
            lacking = [s for s in shapes if s.name not in self.known] or (shapes if len(shapes) == 1 else [])
            if not lacking and len(again := [s for s in self.shapes if s.type == kind]) == 1:
                lacking = again
            for shape in lacking:
                value = self._meant(rest, [v for v in values_in(rest, shape, self.around) if v.evident])
                if value is not None:
                    found.append((shape, value))
                    rest = blank(rest, value.span)
        return found

    def _append(self, words: str) -> None:
        assert self.last is not None
        before = self.found[self.last.name]
        self.found[self.last.name] = replace(before, value=f"{before.value}, {words}")

    def _take(self, shape: FieldShape, value: FieldValue) -> None:
        self.found[shape.name] = FieldReading(shape.name, value.value, value.problem, value.candidates)
        self.last, self.open_text = shape, False


_VALUE_WITHIN = 40  # characters behind a name in the middle of a sentence
_NAMES = frozenset({"choice", "person", "customer", "product"})


def _words_beside(text: str, found: Sequence[tuple[FieldShape, FieldValue]], around: Surroundings) -> str:
    """The text without its amounts and days; a choice or a product is part of what was said, unless it is all."""
    rest = text
    for shape, value in found:
        alone = not _LEAD.sub("", blank(text, value.span, " ")).strip()
        if shape.type in _NAMES and not alone:
            continue
        for each in [value] if shape.type in _NAMES else values_in(text, shape, around):
            rest = blank(rest, each.span, " ") if each.evident else rest
    return re.sub(r" {2,}", " ", rest) if rest != text else text


def _unlinked(words: str) -> str:
    link = _LINK.match(words)
    return words[link.end() :].strip(" :") if link else words


def _denied(text: str, value: FieldValue) -> bool:
    """不是两万五; from 25k to ...; 两万五改成 ..."""
    start, end = value.span
    return bool(_NEGATED.search(text[:start]) or _REPLACED.match(text, end))


def _marks(
    text: str, shapes: Sequence[FieldShape], around: Surroundings
) -> Iterator[tuple[FieldShape, tuple[int, int]]]:
    """Where fields are named, from left to right; a name inside a sentence counts where its value follows."""
    taken: list[tuple[FieldShape, tuple[int, int]]] = []
    lowered = text.lower()
    named = [(name, shape) for shape in shapes for name in shape.names if name]
    for name, shape in sorted(named, key=lambda each: -len(each[0])):
        for match in re.finditer(bounded(normalise(name).lower()), lowered):
            if any(start < match.end() and match.start() < end for _, (start, end) in taken):
                continue
            if _is_mark(text, match.span(), shape, around):
                link = _LINK.match(text, match.end())
                taken.append((shape, (match.start(), link.end() if link else match.end())))
    yield from sorted(taken, key=lambda each: each[1])


def _is_mark(text: str, span: tuple[int, int], shape: FieldShape, around: Surroundings) -> bool:
    rest = text[span[1] :]
    leads = not text[: span[0]].strip() or bool(_LEAD.fullmatch(text[: span[0]]))
    if shape.type == "boolean":
        return not rest.strip() or bool(_LINK.match(rest)) or leads
    linked = bool(_LINK.match(rest)) or not rest.strip()
    if shape.type == "text":
        return (leads and (linked or rest[:1] in " :")) or rest[:1] in ":="
    if leads and linked:
        return True
    values = values_in(rest[:_VALUE_WITHIN], shape, around)
    return bool(values) and values[0].span[0] <= 6
