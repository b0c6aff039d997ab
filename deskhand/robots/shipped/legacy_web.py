"""The old ERP in the browser: a robot that enters an order, and one that fetches a day's orders."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar

from deskhand.robots.enter_once import EnterOnce
from deskhand.robots.outcome import NotReady, Successful, SystemException
from deskhand.robots.robot import Robot, refuse, step
from deskhand.robots.screen import Spot, spot
from deskhand.robots.shipped.legacy_order import HEAD, LINE, LegacyLine, LegacyOrder, read_back
from deskhand.robots.web import Web, WebScreen
from deskhand.robots.work_item import WorkItem

USER = spot("user", "label=User", "label=用户名")
PASSWORD = spot("password", "label=Password", "label=密码", secret=True)
SIGN_IN = spot("sign in", "button=Sign in", "button=登录")
WRONG = spot("wrong password", "css=#wrong")
SIGNED_OUT = spot("signed out", "css=form[action='/signin']")
NEWS = spot("system news", "css=#news button")

SOUGHT = spot("reference to find", "label=Reference", "label=客户单号")
FIND = spot("find order", "button=Find order", "button=查找订单")
ORDERS = spot("orders found", "css=#orders")
NONE = spot("no order found", "css=#none")
DAY = spot("day", "label=Day", "label=日期")
OF_DAY = spot("orders of the day", "button=Orders of the day", "button=当日订单")
MORE = spot("next page", "link=Next page", "link=下一页")

NEW = spot("new order", "link=New order", "link=新建订单")
NEXT = spot("next", "button=Next", "button=下一步")
ON = spot("next", "link=Next", "link=下一步")
REFERENCE = spot("reference", "label=Reference", "label=客户单号", "css=input[name=reference]")
CODE = spot("customer code", "label=Customer code", "label=客户编码")
LOOK_UP = spot("look up", "button=Look up", "button=查询客户")
WORDS = spot("name or code", "label=Name or code", "label=名称或编码")
SEARCH = spot("search", "button=Find", "button=查找")
CUSTOMERS = spot("customers", "css=#customers")
ORDERED_ON = spot("ordered_on", "label=Order date (dd.mm.yyyy)", "label=订单日期（日.月.年）")
DELIVER_ON = spot("deliver_on", "label=Delivery date (dd.mm.yyyy)", "label=交货日期（日.月.年）")
LINE_SPOTS = {
    "sku": spot("sku", "label=Item", "label=物料"),
    "description": spot("description", "label=Description", "label=品名"),
    "quantity": spot("quantity", "label=Quantity", "label=数量"),
    "unit": spot("unit", "label=Unit", "label=单位"),
    "price": spot("price", "label=Unit price", "label=单价"),
}
ADD = spot("add line", "button=Add line", "button=添加明细")
CLEAR = spot("remove all lines", "button=Remove all lines", "button=清空明细")
DELIVERY = spot("delivery", "label=Delivery by", "label=交货方式")
ADDRESS = spot("address", "label=Deliver to", "label=送货地址")
REMARK = spot("remark", "label=Remark", "label=备注")
HEAD_TABLE, LINES = spot("head", "css=#head"), spot("lines", "css=#lines")
POST = spot("post", "button=Post order", "button=过账")
REFUSED = spot("refused field", "css=p.wrong")

LABELS = {
    "Document": "document", "单据号": "document", "Reference": "reference", "客户单号": "reference",
    "Customer": "customer", "客户": "customer",
    "Order date (dd.mm.yyyy)": "ordered_on", "订单日期（日.月.年）": "ordered_on",
    "Delivery date (dd.mm.yyyy)": "deliver_on", "交货日期（日.月.年）": "deliver_on", "Delivery by": "delivery",
    "交货方式": "delivery", "Deliver to": "address", "送货地址": "address", "Remark": "remark", "备注": "remark",
}  # fmt: skip
TRIES = 4  # of a step that only looks, or types into a form that is not posted yet


class LegacyWeb(Robot):
    """What both robots do alike: sign in and out."""

    target: ClassVar[Web] = Web(nuisances=(NEWS,), signed_out=SIGNED_OUT)
    screen: WebScreen

    @step("sign in", tries=TRIES)
    def open(self) -> None:
        self.screen.go("/signin")
        self.screen.fill(USER, self.secret("legacy_user"))
        self.screen.fill(PASSWORD, self.secret("legacy_password"))
        self.screen.submit(SIGN_IN)
        if self.screen.shows(WRONG):
            raise NotReady("sign_in_refused", "the user or the password that the vault holds is wrong")

    def close(self) -> None:
        self.screen.go("/signout")

    def found_one_of(self, *spots: Spot) -> Spot:
        """That nothing is there must be said by the page: a page that shows neither says nothing."""
        shown = self.screen.shows(*spots, within=self.target.patience)
        if shown is None:
            raise SystemException("not_found", " or ".join(each.name for each in spots))
        return shown


class LegacyEntry(EnterOnce[LegacyOrder], LegacyWeb):
    """Enters an order, once: looks its reference up before and after."""

    name = "legacy_entry"

    def record_of(self, item: WorkItem) -> LegacyOrder:
        return LegacyOrder.of(item)

    def enter(self, order: LegacyOrder) -> None:
        self.begin(order)
        self.enter_lines(order)
        self.enter_delivery(order)
        self.check_review(order)
        self.last_click(POST, "post the order", accept=True)
        self.not_refused()

    @step("look the reference up", tries=TRIES)
    def look_up(self, order: LegacyOrder) -> str | None:
        """Its document, opened; None when it is not there."""
        self.screen.go("/menu")
        self.screen.fill(SOUGHT, order.reference)
        self.screen.submit(FIND)
        if self.found_one_of(ORDERS, NONE) == NONE:
            return None
        documents = [row[0] for row in self.screen.table(ORDERS)[1:]]
        if len(documents) > 1:
            raise refuse("entered_twice", reference=order.reference, documents=documents)
        self.screen.submit(spot("document", f"link={documents[0]}"))
        return documents[0]

    @step("enter the header", tries=TRIES)
    def begin(self, order: LegacyOrder) -> None:
        self.screen.go("/menu")
        self.screen.submit(NEW)
        self.screen.fill(REFERENCE, order.reference)
        with self.screen.window(LOOK_UP):
            self.pick(order.customer)
        self.screen.fill(ORDERED_ON, order.ordered_on)
        self.screen.fill(DELIVER_ON, order.deliver_on)
        self.submit_form(NEXT)

    def pick(self, customer: str) -> None:
        """In the window of customers."""
        self.screen.fill(WORDS, customer)
        self.screen.submit(SEARCH)
        found = self.screen.table(CUSTOMERS) if self.found_one_of(CUSTOMERS, NONE) == CUSTOMERS else []
        rows = [number for number, row in enumerate(found, 1) if row[1] == customer]
        if len(rows) != 1:
            raise refuse("customer_unknown_there", customer=customer)
        self.screen.press(spot("pick", f"css=#customers tr:nth-child({rows[0]}) button"))

    @step("enter the lines", tries=TRIES)
    def enter_lines(self, order: LegacyOrder) -> None:
        self.screen.be_at("/new/2")
        if len(self.screen.table(LINES)) > 2:  # from a try before; a table without lines has its head and its total
            self.submit_form(CLEAR)
        for line in order.lines:
            self.enter_line(line)

    def enter_line(self, line: LegacyLine) -> None:
        for key, text in asdict(line).items():
            self.screen.fill(LINE_SPOTS[key], text)
        self.submit_form(ADD)

    @step("enter the delivery", tries=TRIES)
    def enter_delivery(self, order: LegacyOrder) -> None:
        self.screen.be_at("/new/3")
        self.screen.choose(DELIVERY, order.delivery)
        self.screen.fill(ADDRESS, order.address)
        self.screen.fill(REMARK, order.remark)
        self.submit_form(NEXT)

    def submit_form(self, button: Spot) -> None:
        self.screen.submit(button)
        self.not_refused()

    def not_refused(self) -> None:
        if self.screen.shows(REFUSED):
            raise refuse("field_refused", field="", wanted="", shown=self.screen.read(REFUSED))

    @step("check the review", tries=TRIES)
    def check_review(self, order: LegacyOrder) -> None:
        self.screen.be_at("/new/4")
        self.compare(order)

    @step("read every field back", picture=True, tries=TRIES)
    def check_posted(self, order: LegacyOrder) -> dict[str, str]:
        return self.compare(order)

    def compare(self, order: LegacyOrder) -> dict[str, str]:
        head = {LABELS[label]: value for label, value in self.screen.table(HEAD_TABLE) if label in LABELS}
        rows = self.screen.table(LINES)
        read_back(order.differences(head, [row[: len(LINE)] for row in rows[1:-1]]))
        total = rows[-1][-1]
        if Decimal(total) != order.total:
            raise refuse("total_differs", wanted=str(order.total), shown=total)
        return {**{key: head.get(key, "") for key in HEAD}, "total": total}


class LegacyFetch(LegacyWeb):
    """Reads the orders of a day, page by page, each opened; for the import."""

    name = "legacy_fetch"

    def process(self, item: WorkItem) -> Successful:
        said = str(item.input.get("day") or "")
        day = date.fromisoformat(said) if said else datetime.now(UTC).date()
        documents = self.list_day(day.strftime("%d.%m.%Y"))
        rows = [row for number in documents for row in self.read_order(number)]
        return Successful({"rows": rows, "count": len(documents), "day": day.isoformat()})

    @step("list the orders of the day", picture=True, tries=TRIES)
    def list_day(self, day: str) -> list[str]:
        self.screen.go("/menu")
        self.screen.fill(DAY, day)
        self.screen.submit(OF_DAY)
        documents = [row[0] for row in self.screen.table(ORDERS)[1:]]
        while self.screen.shows(MORE):
            self.screen.submit(MORE)
            documents += [row[0] for row in self.screen.table(ORDERS)[1:]]
        return list(dict.fromkeys(documents))  # one that was posted meanwhile moves the others on

    @step("read an order", tries=TRIES)
    def read_order(self, document: str) -> list[dict[str, str]]:
        self.screen.go(f"/order/{document}")
        head = {LABELS[label]: value for label, value in self.screen.table(HEAD_TABLE) if label in LABELS}
        rows = self.screen.table(LINES)
        shared = {**head, "total": rows[-1][-1]}
        return [{**shared, **dict(zip(LINE, row[:5], strict=True))} for row in rows[1:-1]]
