"""A file into the conversation: chosen, dropped, on its way, cancelled, refused; by key, in both languages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import BodyPartReader, web
from playwright.async_api import expect

from tests.frontend_widget.conftest import ONE_BROWSER, OpenWidget, Widget
from tests.frontend_widget.desk_double import DeskDouble

pytestmark = [pytest.mark.browser, ONE_BROWSER]

CSV = {"name": "orders.csv", "mimeType": "text/csv", "buffer": b"Order number\nA-1\n"}
PICTURES = Path(__file__).parents[2] / "var" / "pictures" / "widget"
DROP = """(host) => {
  const files = new DataTransfer();
  files.items.add(new File(["Order number\\nA-1\\n"], "dropped.csv"));
  const chat = host.shadowRoot.querySelector(".chat");
  for (const type of ["dragover", "drop"])
    chat.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
}"""
TOO_LARGE = """(field) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array((32 << 20) + 1)], "orders.csv"));
  field.files = files.files;
  field.dispatchEvent(new Event("change"));
}"""
HOVER = DROP.replace('["dragover", "drop"]', '["dragover"]')


class Imports:
    """`POST /api/imports` as the gateway answers it; `wait` holds an answer back."""

    def __init__(self) -> None:
        self.status, self.answer = 201, dict[str, Any]()
        self.got: list[dict[str, Any]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, request: web.Request) -> web.Response:
        said: dict[str, Any] = {"from": request.headers.get("X-Requested-With")}
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            said[part.name or ""] = part.filename or (await part.read()).decode()
        self.got.append(said)
        await self.open.wait()
        return web.json_response(self.answer, status=self.status)

    async def came(self, *files: str) -> None:
        """Waits until these are here, in this order, and no other."""
        async with asyncio.timeout(30):
            while len(self.got) < len(files):
                await asyncio.sleep(0.02)
        assert [each["file"] for each in self.got] == list(files)


@pytest_asyncio.fixture(loop_scope="module")
async def imports(desk: DeskDouble) -> AsyncIterator[Imports]:
    taken = Imports()
    desk.imports = taken
    yield taken
    taken.open.set()


def field(widget: Widget) -> Any:
    return widget.part("input[type=file]")


async def seen(widget: Widget, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    await widget.page.screenshot(path=PICTURES / f"upload-{name}.png")


async def test_a_file_that_is_chosen_goes_to_the_desk_with_the_language(
    open_widget: OpenWidget, imports: Imports
) -> None:
    imports.open.clear()
    widget = await open_widget()
    await field(widget).set_input_files(CSV)

    await expect(widget.part(".upload progress")).to_be_visible()
    await expect(widget.part(".upload").first).to_contain_text("正在上传 orders.csv")
    await seen(widget, "going")
    imports.open.set()
    await expect(widget.part(".upload progress")).to_have_count(0)

    assert imports.got == [{"from": "deskhand", "chat": "1", "language": "zh", "file": "orders.csv"}]
    await expect(widget.part("[role=alert]")).to_be_empty()
    assert widget.complaints == []


async def test_a_file_that_is_dropped_goes_the_same_way(open_widget: OpenWidget, imports: Imports) -> None:
    widget = await open_widget()
    host = widget.page.locator("deskhand-chat")

    await host.evaluate(HOVER)
    await expect(widget.part(".drop")).to_be_visible()
    await seen(widget, "over")
    await host.evaluate(DROP)
    await expect(widget.part(".drop")).to_have_count(0)
    await imports.came("dropped.csv")
    await expect(widget.part(".upload progress")).to_have_count(0)
    assert widget.complaints == []


async def test_an_upload_can_be_cancelled_and_nothing_is_said_of_it(open_widget: OpenWidget, imports: Imports) -> None:
    imports.open.clear()
    widget = await open_widget()
    await field(widget).set_input_files(CSV)
    await imports.came("orders.csv")

    await widget.part(".upload button").press("Enter")

    await expect(widget.part(".upload progress")).to_have_count(0)
    await expect(widget.part("[role=alert]")).to_be_empty()
    imports.open.set()
    await field(widget).set_input_files(CSV)
    await imports.came("orders.csv", "orders.csv")
    await expect(widget.part(".upload progress")).to_have_count(0)


@pytest.mark.parametrize(("locale", "said"), [("zh-CN", "没有密码不行"), ("en-GB", "it has a password")])
async def test_why_the_desk_refused_it_is_said_in_the_users_language(
    open_widget: OpenWidget, desk: DeskDouble, imports: Imports, locale: str, said: str
) -> None:
    desk.language = "zh" if locale == "zh-CN" else "en"
    words = {"zh": "没有密码不行", "en": "it has a password"}
    imports.status, imports.answer = 422, {"code": "file_refused", "data": {"said": words}}
    widget = await open_widget(locale=locale)

    await field(widget).set_input_files(CSV)

    alert = widget.part("[role=alert]")
    await expect(alert).to_contain_text(said)
    await seen(widget, f"refused-{desk.language}")
    await alert.get_by_role("button").press("Enter")
    await expect(alert).to_be_empty()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ({**CSV, "name": "holiday.png"}, "只能导入 CSV、Excel 或 JSON 文件"),
        (None, "文件太大"),
    ],
    ids=["picture", "too large"],
)
async def test_what_cannot_be_taken_is_not_even_sent(
    open_widget: OpenWidget, imports: Imports, file: dict[str, Any] | None, said: str
) -> None:
    widget = await open_widget()

    if file is None:  # made where it is needed: it is slow to carry into the browser
        await field(widget).evaluate(TOO_LARGE)
    else:
        await field(widget).set_input_files(file)

    await expect(widget.part("[role=alert]")).to_contain_text(said)
    assert imports.got == []


async def test_it_is_reached_by_key_and_has_a_name_for_who_does_not_see_it(
    open_widget: OpenWidget, imports: Imports
) -> None:
    widget = await open_widget()

    await widget.composer.focus()
    await widget.page.keyboard.press("Tab")

    focused = "() => document.querySelector('deskhand-chat').shadowRoot.activeElement.ariaLabel"
    assert await widget.page.evaluate(focused) == "选择要导入的文件"
    await seen(widget, "focus")
    await field(widget).set_input_files(CSV)
    await field(widget).set_input_files(CSV)  # the same file once more is another upload
    await imports.came("orders.csv", "orders.csv")
    await expect(widget.part(".upload progress")).to_have_count(0)


async def test_what_is_chosen_while_another_is_on_its_way_follows_it(open_widget: OpenWidget, imports: Imports) -> None:
    imports.open.clear()
    widget = await open_widget()

    await field(widget).set_input_files([CSV, {**CSV, "name": "second.csv"}])
    await expect(widget.part(".upload").first).to_contain_text("正在上传 orders.csv")
    await field(widget).set_input_files({**CSV, "name": "third.csv"})
    imports.open.set()

    await imports.came("orders.csv", "second.csv", "third.csv")
    await expect(widget.part(".upload progress")).to_have_count(0)
    assert widget.complaints == []


async def test_a_refusal_is_read_before_the_next_file_goes(open_widget: OpenWidget, imports: Imports) -> None:
    widget = await open_widget()

    await field(widget).set_input_files([{**CSV, "name": "holiday.png"}, CSV])
    alert = widget.part("[role=alert]")
    await expect(alert).to_contain_text("holiday.png 没有导入")
    assert imports.got == []
    await alert.get_by_role("button").press("Enter")

    await imports.came("orders.csv")
    await expect(alert).to_be_empty()
