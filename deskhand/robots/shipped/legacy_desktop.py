"""The old ERP as a desktop program: the same two robots, by keyboard and clipboard."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar

from deskhand.robots.desktop import Desktop, DesktopScreen
from deskhand.robots.enter_once import EnterOnce
from deskhand.robots.outcome import NotReady, Successful, SystemException
from deskhand.robots.robot import Robot, refuse, step
from deskhand.robots.screen import Spot, spot
from deskhand.robots.shipped.legacy_order import DELIVERIES, LINE, LegacyOrder, read_back
from deskhand.robots.shipped.legacy_web import LABELS, TRIES
from deskhand.robots.work_item import WorkItem

ENTRY_WINDOWS = {
    "sign in": ("Legacy ERP - Sign in", "老ERP系统 - 登录"),
    "menu": ("Legacy ERP - Menu", "老ERP系统 - 主菜单"),
    "list": ("List", "列表"),
    "document": ("Document L", "单据号 L"),
    "header": ("page 1 of 4", "第1页"),
    "customers": ("Customer search", "客户查询"),
    "lines": ("page 2 of 4", "第2页"),
    "delivery": ("page 3 of 4", "第3页"),
    "review": ("page 4 of 4", "第4页"),
    "question": ("Post order", "过账"),
    "posted": ("Order posted", "订单已过账"),
    "refused": ("Not accepted", "未接受"),
    "news": ("System news", "系统公告"),
    "failed": ("500 ",),
}


def at(window: str, key: str, name: str = "", secret: bool = False) -> Spot:
    """A key in a window, whichever language it speaks."""
    return spot(name or f"{window} {key}", *(f"{title} > {key}" for title in ENTRY_WINDOWS[window]), secret=secret)


USER, PASSWORD = at("sign in", "alt+u", "user"), at("sign in", "alt+p", "password", secret=True)
HEADER_KEYS = {"ordered_on": "alt+o", "deliver_on": "alt+d"}
LINE_KEYS = {"sku": "alt+i", "description": "alt+e", "quantity": "alt+q", "unit": "alt+u", "price": "alt+p"}
LEFT_OPEN = ("list", "document", "customers", "header", "lines", "delivery", "review", "question", "posted", "refused")


class LegacyDesktop(Robot):
    """What both robots do alike."""

    target: ClassVar[Desktop] = Desktop(
        select_all="ctrl+slash",
        ends_lines=True,
        nuisances=(at("news", "Escape", "system news"),),
        failures=(at("failed", "Escape", "failure"),),
        question=at("question", "Return", "yes, post it"),
        signed_out=at("sign in", "Return"),
    )
    screen: DesktopScreen

    @step("sign in", tries=TRIES)
    def open(self) -> None:
        if not self.screen.shows(at("menu", "F2")):
            self.screen.fill(USER, self.secret("legacy_user"))
            self.screen.fill(PASSWORD, self.secret("legacy_password"))
            self.screen.press(at("sign in", "Return"))
        menu, refused = at("menu", "F2"), at("refused", "Escape")
        came = self.screen.shows(menu, refused, within=self.target.patience)
        if came is refused:
            raise NotReady("sign_in_refused", "the user or the password that the vault holds is wrong")
        if came is None:
            raise SystemException("not_found", "the menu did not come after signing in")

    def tidy(self) -> None:
        """Closes what an item or a try before has left open."""
        while left := self.screen.shows(*(at(each, "Escape") for each in LEFT_OPEN)):
            self.screen.press(left)

    def row_of(self, window: str) -> list[list[str]]:
        return self.screen.table(at(window, "alt+l"))

    def read_order(self) -> tuple[dict[str, str], list[list[str]]]:
        """Head and lines, as the window of a document or the review shows them; the one that is open counts."""
        window = "document" if self.screen.shows(at("document", "alt+v")) else "review"
        rows = [row for row in self.screen.table(at(window, "alt+v")) if len(row) == 2]
        head = {LABELS.get(label, label): value for label, value in rows}
        head["total"] = head.pop("Total", "") or head.pop("合计", "")
        head["remark"] = self.screen.read(at(window, "alt+k"))
        return head, self.row_of(window)


class DesktopEntry(EnterOnce[LegacyOrder], LegacyDesktop):
    """Enters an order, once."""

    name = "legacy_desktop_entry"

    def record_of(self, item: WorkItem) -> LegacyOrder:
        return LegacyOrder.of(item)

    def enter(self, order: LegacyOrder) -> None:
        self.enter_header(order)
        self.enter_lines(order)
        self.enter_delivery(order)
        self.compare(order)
        self.last_click(at("review", "F9", "post"), "post the order", accept=True)
        self.not_refused(at("posted", "alt+c"))

    @step("look the reference up", tries=TRIES)
    def look_up(self, order: LegacyOrder) -> str | None:
        self.tidy()
        self.screen.fill(at("menu", "alt+r", "reference to find"), order.reference)
        self.screen.press(at("menu", "F3", "find"))
        rows = self.row_of("list")
        if not rows:
            raise SystemException("not_found", "the list is empty")
        documents = [row[0] for row in rows if len(row) > 1]
        if len(documents) > 1:
            raise refuse("entered_twice", reference=order.reference, documents=documents)
        if not documents:
            return None
        self.screen.fill(at("list", "alt+c", "document"), documents[0])
        self.screen.press(at("list", "Return", "show"))
        self.screen.read(at("document", "alt+v"))
        return documents[0]

    @step("enter the header", tries=TRIES)
    def enter_header(self, order: LegacyOrder) -> None:
        self.tidy()
        self.screen.press(at("menu", "F2", "new order"))
        self.screen.fill(at("header", "alt+r", "reference"), order.reference)
        self.screen.press(at("header", "F5", "look up"))
        self.pick(order.customer)
        for field, key in HEADER_KEYS.items():
            self.screen.fill(at("header", key, field), getattr(order, field))
        self.go_on("header", "lines")

    def pick(self, customer: str) -> None:
        self.screen.fill(at("customers", "alt+n", "name or code"), customer)
        self.screen.press(at("customers", "F3", "find"))
        codes = [row[0] for row in self.row_of("customers") if row[1:] == [customer]]
        if len(codes) != 1:
            raise refuse("customer_unknown_there", customer=customer)
        self.screen.fill(at("customers", "alt+c", "customer code"), codes[0])
        self.screen.press(at("customers", "Return", "pick"))

    @step("enter the lines", tries=TRIES)
    def enter_lines(self, order: LegacyOrder) -> None:
        self.screen.press(at("lines", "F7", "remove all lines"))  # from a try before
        for number, line in enumerate(order.lines, 1):
            for field, text in asdict(line).items():
                self.screen.fill(at("lines", LINE_KEYS[field], field), text)
            self.screen.press(at("lines", "F6", "add line"))
            if len(self.row_of("lines")) != number:
                self.not_refused()
                raise SystemException("page_failed", "the line was not added")
        self.go_on("lines", "delivery")

    @step("enter the delivery", tries=TRIES)
    def enter_delivery(self, order: LegacyOrder) -> None:
        english, chinese = DELIVERIES[order.delivery]
        shown = self.screen.read(at("delivery", "alt+b", "delivery"))
        is_chinese = any(shown == each[1] for each in DELIVERIES.values())
        self.screen.choose(at("delivery", "alt+b", "delivery"), chinese if is_chinese else english)
        self.screen.fill(at("delivery", "alt+t", "address"), order.address)
        self.screen.fill(at("delivery", "alt+k", "remark"), order.remark)
        self.go_on("delivery", "review")

    def go_on(self, window: str, to: str) -> None:
        self.screen.press(at(window, "F8", "next"))
        self.not_refused(at(to, "F8"))

    def not_refused(self, *wanted: Spot) -> None:
        """The next window is there, and not the one that says which field is wrong."""
        refused = at("refused", "Escape")
        shown = self.screen.shows(refused, *wanted, within=self.target.patience if wanted else 0)
        if shown == refused:
            raise refuse("field_refused", field="", wanted="", shown="")
        if wanted and shown is None:
            raise SystemException("not_found", wanted[0].name)

    @step("read every field back", picture=True, tries=TRIES)
    def check_posted(self, order: LegacyOrder) -> dict[str, str]:
        return self.compare(order)

    def compare(self, order: LegacyOrder) -> dict[str, str]:
        head, rows = self.read_order()
        if order.differences(head, [row[: len(LINE)] for row in rows]):
            head, rows = self.read_order()  # a program that was busy may have given nothing the first time
        read_back(order.differences(head, [row[: len(LINE)] for row in rows]))
        if Decimal(head["total"]) != order.total:
            raise refuse("total_differs", wanted=str(order.total), shown=head["total"])
        return head


class DesktopFetch(LegacyDesktop):
    """Reads the orders of a day, each opened; for the import."""

    name = "legacy_desktop_fetch"

    def process(self, item: WorkItem) -> Successful:
        said = str(item.input.get("day") or "")
        day = date.fromisoformat(said) if said else datetime.now(UTC).date()
        documents = self.list_day(day.strftime("%d.%m.%Y"))
        rows = [row for number in documents for row in self.read_document(day.strftime("%d.%m.%Y"), number)]
        return Successful({"rows": rows, "count": len(documents), "day": day.isoformat()})

    @step("list the orders of the day", picture=True, tries=TRIES)
    def list_day(self, day: str) -> list[str]:
        self.tidy()
        self.screen.fill(at("menu", "alt+d", "day"), day)
        self.screen.press(at("menu", "F4", "orders of the day"))
        return [row[0] for row in self.row_of("list") if len(row) > 1]

    @step("read an order", tries=TRIES)
    def read_document(self, day: str, document: str) -> list[dict[str, str]]:
        self.tidy()
        self.screen.press(at("menu", "F4", "orders of the day"))
        self.screen.fill(at("list", "alt+c", "document"), document)
        self.screen.press(at("list", "Return", "show"))
        head, rows = self.read_order()
        shared = {"document": document, **head}
        return [{**shared, **dict(zip(LINE, row[:5], strict=True))} for row in rows]
