"""The old ERP as a desktop program (Tk), over the same orders: worked with Alt and function keys, as such programs are.

What can be read can be marked and copied. Windows of an order stand apart, so an order is a handful of windows.
"""

from __future__ import annotations

import time
import tkinter as tk
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

from examples.legacy_erp.book import DELIVERIES, Book, Invalid, Line, Order, checked, checked_line, day, document
from examples.legacy_erp.faults import Faults
from examples.legacy_erp.words import word

TAB, WIDTH = "\t", 46


class Form(tk.Toplevel):
    """A window of fields, one under the other, each with its Alt key; Escape closes it."""

    def __init__(self, erp: LegacyDesk, title: str) -> None:
        super().__init__(erp)
        self.erp, self.fields = erp, {}
        self.title(title)
        self.geometry(f"+{20 + 14 * len(erp.windows)}+{150 + 10 * len(erp.windows)}")
        self.row = 0
        self.bind("<Escape>", lambda _: self.destroy())
        erp.windows.append(self)
        self.lift()

    def entry(self, name: str, key: str, text: str = "", *, secret: bool = False, fixed: bool = False) -> tk.Entry:
        made = tk.Entry(self, width=WIDTH, show="*" if secret else "")
        made.insert(0, text)
        if fixed:
            made.configure(state="readonly")
        self.place_field(name, key, made)
        return made

    def text(self, name: str, key: str, text: str = "", *, fixed: bool = True, height: int = 4) -> tk.Text:
        made = tk.Text(self, width=WIDTH + 24, height=height, undo=False)
        made.insert("1.0", text)
        if fixed:
            made.configure(state="disabled")
        self.place_field(name, key, made)
        return made

    def place_field(self, name: str, key: str, made: tk.Entry | tk.Text) -> None:
        said = f"{self.erp.say(name)} (Alt+{key.upper()})" if key else self.erp.say(name)
        tk.Label(self, text=said, anchor="w").grid(row=self.row, column=0, sticky="w", padx=6)
        made.grid(row=self.row, column=1, padx=6, pady=2)
        self.row += 1
        self.fields[name] = made
        if key:
            self.bind(f"<Alt-{key}>", lambda _: (made.focus_set(), "break")[1])
        if self.row == 1:
            made.focus_set()

    def button(self, name: str, key: str, act: Callable[[], None]) -> None:
        tk.Button(self, text=f"{self.erp.say(name)} ({key})", command=act).grid(
            row=self.row, column=1, sticky="w", padx=6
        )
        self.row += 1
        self.bind(f"<{key}>", lambda _: (self.erp.guarded(act), "break")[1])

    def value(self, name: str) -> str:
        field = self.fields[name]
        return field.get("1.0", "end-1c") if isinstance(field, tk.Text) else field.get()

    def show(self, name: str, text: str) -> None:
        field = self.fields[name]
        field.configure(state="normal")
        field.delete("1.0" if isinstance(field, tk.Text) else 0, "end")
        field.insert("1.0" if isinstance(field, tk.Text) else 0, text)
        field.configure(state="disabled" if isinstance(field, tk.Text) else "readonly")


class LegacyDesk(tk.Tk):
    """The program: its main window is hidden, what is seen are its forms."""

    def __init__(self, book: Book, faults: Faults | None = None, *, language: str = "en", user: str = "robot",
                 password: str = "erp-Secret-42") -> None:  # fmt: skip
        super().__init__()
        self.withdraw()
        self.book, self.faults, self.language, self.account = book, faults or Faults(), language, (user, password)
        self.windows: list[tk.Toplevel] = []
        self.draft, self.user = Order(), ""
        self.sign_in()

    def say(self, key: str, **values: object) -> str:
        return word(key, self.language, **values)

    # What goes wrong

    def guarded(self, act: Callable[[], None]) -> None:
        """Every press of a button comes through here, as every request does on the web."""
        if self.faults.happens("slow"):
            time.sleep(self.faults.slow_for)
        if self.user and self.faults.happens("time_outs"):
            return self.sign_in(over=True)
        if self.faults.happens("failing"):
            if not self.faults.first_half():
                act()
            return self.message("failed", self.say("failed"))
        act()
        if self.user and self.faults.happens("pop_ups"):
            self.message("news", self.say("news_text"))

    def message(self, title: str, text: str) -> None:
        """A window in front; Escape closes it."""
        box = Form(self, self.say(title))
        box.geometry("+200+90")
        tk.Label(box, text=text, padx=30, pady=20).grid(row=0, column=0, columnspan=2)
        box.focus_force()

    def sign_in(self, over: bool = False) -> None:
        for window in self.windows:
            window.destroy()
        self.windows.clear()
        self.user, self.draft = "", Order()
        form = Form(self, f"{self.say('title')} - {self.say('sign_in')}")
        if over:
            tk.Label(form, text=self.say("session_over")).grid(row=9, column=1)
        form.entry("user", "u")
        form.entry("password", "p", secret=True)
        form.bind("<Escape>", lambda _: self.destroy())

        def enter() -> None:
            if (form.value("user"), form.value("password")) != self.account:
                return self.message("wrong_title", self.say("wrong_password"))
            self.user = form.value("user")
            form.destroy()
            self.menu()

        form.button("sign_in", "Return", enter)

    # The menu, and what is found

    def menu(self) -> None:
        form = Form(self, f"{self.say('title')} - {self.say('menu')}")
        form.geometry("+10+10")
        form.bind("<Escape>", lambda _: "break")
        form.entry("reference", "r")
        form.entry("day", "d", datetime.now(UTC).strftime("%d.%m.%Y"))
        form.button("find_order", "F3", lambda: self.list(self.book.by_reference(form.value("reference"))))
        form.button("todays_orders", "F4", lambda: self.list(self.book.of_day(form.value("day"))))
        form.button("new_order", "F2", self.new_order)

    def list(self, orders: list[Order]) -> None:
        form = Form(self, self.say("list"))
        rows = [(document(each.doc), each.reference, self.book.customer_name(each.customer), each.ordered_on,
                 str(each.total)) for each in orders]  # fmt: skip
        form.text("list", "l", "\n".join(TAB.join(row) for row in rows) or self.say("none_found"), height=10)
        form.entry("document", "c")

        def show() -> None:
            said = form.value("document").removeprefix("L")
            order = self.book.order(int(said)) if said.isdecimal() else None
            if order is not None:
                form.destroy()
                self.show_order(order)

        form.button("show", "Return", show)

    def show_order(self, order: Order) -> None:
        form = Form(self, f"{self.say('document')} {document(order.doc)}")
        self.put_order(form, order)

    def put_order(self, form: Form, order: Order) -> None:
        head = [("reference", order.reference), ("customer", self.book.customer_name(order.customer)),
                ("ordered_on", order.ordered_on), ("deliver_on", order.deliver_on),
                ("delivery", self.say(order.delivery)), ("address", order.address),
                ("total", str(order.total))]  # fmt: skip
        form.text("header", "v", "\n".join(f"{self.say(key)}{TAB}{value}" for key, value in head), height=8)
        form.text("remark", "k", order.remark)
        lines = [TAB.join((*asdict(line).values(), str(line.amount))) for line in order.lines]
        form.text("lines", "l", "\n".join(lines), height=8)

    # An order in four pages

    def new_order(self) -> None:
        self.draft = Order()
        form = Form(self, self.say("header"))
        form.entry("reference", "r")
        form.entry("customer_code", "c", fixed=True)
        form.entry("ordered_on", "o")
        form.entry("deliver_on", "d")
        form.button("look_up", "F5", lambda: self.customers(form))

        def on() -> None:
            for key, name in (("reference", "reference"), ("customer", "customer_code"), ("ordered_on", "ordered_on"),
                              ("deliver_on", "deliver_on")):  # fmt: skip
                setattr(self.draft, key, form.value(name))
            try:
                day(self.draft.ordered_on, "ordered_on"), day(self.draft.deliver_on, "deliver_on")
                if not self.draft.reference.strip() or not self.draft.customer:
                    raise Invalid("reference" if self.draft.customer else "customer")
            except Invalid as problem:
                return self.wrong(problem)
            form.destroy()
            self.lines()

        form.button("next", "F8", on)

    def wrong(self, problem: Invalid) -> None:
        self.message("wrong_title", self.say("wrong", field=self.say(str(problem))))

    def customers(self, header: Form) -> None:
        form = Form(self, self.say("customer_search"))
        form.entry("name_or_code", "n")
        form.text("list", "l")
        form.entry("customer_code", "c")

        def find() -> None:
            found = self.book.customers(form.value("name_or_code")) if form.value("name_or_code") else []
            form.show("list", "\n".join(TAB.join(row) for row in found) or self.say("no_customer"))

        def pick() -> None:
            if self.book.customer_name(form.value("customer_code")):
                header.show("customer_code", form.value("customer_code"))
                form.destroy()

        form.button("find", "F3", find)
        form.button("pick", "Return", pick)

    def lines(self) -> None:
        form = Form(self, self.say("lines"))
        keys = {"sku": "i", "description": "e", "quantity": "q", "unit": "u", "price": "p"}
        for name, key in keys.items():
            form.entry(name, key)
        form.text("list", "l")

        def put() -> None:
            form.show("list", "\n".join(TAB.join(asdict(line).values()) for line in self.draft.lines))

        def add() -> None:
            try:
                self.draft.lines.append(checked_line(Line(**{name: form.value(name) for name in keys})))
            except Invalid as problem:
                return self.wrong(problem)
            for name in keys:
                form.fields[name].delete(0, "end")
            put()

        def on() -> None:
            form.destroy()
            self.delivery()

        form.button("add_line", "F6", add)
        form.button("clear_lines", "F7", lambda: (self.draft.lines.clear(), put())[1])
        form.button("next", "F8", on)

    def delivery(self) -> None:
        form = Form(self, self.say("delivery_page"))
        form.entry("delivery", "b", self.say("courier"))
        form.entry("address", "t")
        form.text("remark", "k", fixed=False)

        def on() -> None:
            ways = {self.say(way): way for way in DELIVERIES}
            self.draft.address, self.draft.remark = form.value("address"), form.value("remark")
            try:
                if form.value("delivery") not in ways:
                    raise Invalid("delivery")
                self.draft.delivery = ways[form.value("delivery")]
                checked(self.draft)
            except Invalid as problem:
                return self.wrong(problem)
            form.destroy()
            self.review()

        form.button("next", "F8", on)

    def review(self) -> None:
        form = Form(self, self.say("review"))
        self.put_order(form, self.draft)
        form.button("post", "F9", lambda: self.ask_to_post(form))

    def ask_to_post(self, review: Form) -> None:
        box = Form(self, self.say("post"))
        tk.Label(box, text=self.say("post_sure"), padx=30, pady=20).grid(row=0, column=0, columnspan=2)
        box.row = 1

        def post() -> None:
            doc = self.book.post(self.draft, self.user)
            self.draft = Order()
            box.destroy()
            review.destroy()
            form = Form(self, self.say("posted_title"))
            form.entry("document", "c", document(doc), fixed=True)

        box.button("yes", "Return", post)
        box.focus_force()
