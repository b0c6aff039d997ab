"""Web pages as a target: Playwright with a Chromium of this machine. Its synchronous API, so one thread for each robot.

Knows no page in particular. Ways to find a spot: `label=`, `text=`, `placeholder=`, `title=`, `testid=` or a role
(`button=`, `link=`, `textbox=`) with the words as they stand there, else a CSS selector (`css=`) or an XPath (`//...`).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

try:
    from playwright.sync_api import (
        Browser,
        BrowserContext,
        Dialog,
        Error,
        Locator,
        Page,
        Playwright,
        Request,
        Response,
        sync_playwright,
    )
    from playwright.sync_api import TimeoutError as TookTooLong
except ImportError as missing:  # an extra: whoever has no robots needs no browser driver
    raise ModuleNotFoundError(
        "Playwright is not here: pip install -r requirements/robots.lock", name="playwright"
    ) from missing

from deskhand.robots.browser import FLAGS, browser, is_headed, is_sandboxed
from deskhand.robots.evidence import Evidence
from deskhand.robots.hiding import Hidden
from deskhand.robots.outcome import BusinessException, NotReady, SystemException
from deskhand.robots.screen import PATIENCE, ROLES, Spot
from deskhand.robots.scrubbing import scrub
from deskhand.robots.secret import MASK, Secret
from deskhand.robots.session import Session

_ROWS = "table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))"
_HOLDS = "field => [field.value, field.maxLength ?? -1]"
_A_MOMENT = 60  # milliseconds in which a page that is to come has been asked for


@dataclass(frozen=True)
class Web:
    """A web application.

    Attributes:
        address: the setting that holds where it is.
        nuisances: buttons of windows that come by themselves; pressed away whenever they stand in front.
        signed_out: what shows that the session has ended, once `open` is through.
        patience: seconds until a spot that does not come is given up.
    """

    address: str = "url"
    nuisances: tuple[Spot, ...] = ()
    signed_out: Spot | None = None
    patience: float = PATIENCE
    size: tuple[int, int] = (1180, 900)

    def screen(self, session: Session) -> WebScreen:
        return WebScreen(self, session)


class WebScreen:
    """One browser, one context, one page; and the window that it opened, while that is worked in."""

    def __init__(self, target: Web, session: Session) -> None:
        self._target, self._session = target, session
        self._evidence: Evidence = session.evidence
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._context: BrowserContext | None = None
        self._page: Page | None = None
        self._hidden = Hidden()
        self._accept = False
        self._is_open = False
        self._failed = False

    # Opening and closing

    def start(self) -> None:
        headed = is_headed(self._session.settings)
        with self._told("browser"):
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(
                executable_path=browser(), args=FLAGS, headless=not headed, chromium_sandbox=is_sandboxed()
            )
            width, height = self._target.size
            self._context = self._browser.new_context(viewport={"width": width, "height": height})
            self._context.set_default_timeout(self._target.patience * 1000)
            self._context.on("dialog", self._answer)
            self._context.tracing.start(snapshots=True, screenshots=False)
            self._page = self._context.new_page()
        for nuisance in self._target.nuisances:
            for way in nuisance.ways:
                self._page.add_locator_handler(self._locator(way), self._pressed_away(nuisance), no_wait_after=True)

    def end(self) -> None:
        for close in (self._browser and self._browser.close, self._playwright and self._playwright.stop):
            try:
                if close:
                    close()
            except Exception as problem:  # it may have died already, which is what was wanted
                self._evidence.log("end", "failed", error=type(problem).__name__)
        self._browser = self._playwright = self._page = self._context = None

    @property
    def page(self) -> Page:
        """Playwright's own page, for what this interface has no word for."""
        if self._page is None:
            raise SystemException("target_not_reached", "the browser is not open")
        return self._page

    # Doing

    def go(self, path: str = "") -> None:
        """An address below the target's."""
        address = self._session.settings.get(self._target.address, "")
        if not address:
            raise NotReady("setting_missing", self._target.address, setting=self._target.address)
        with self._told(path or address):
            self._look(self.page.goto(urljoin(address, path), wait_until="domcontentloaded"))

    def be_at(self, path: str) -> None:
        """The same, unless it is there already and the page is not one that failed."""
        if self._failed or urlsplit(self.page.url).path != path:
            self.go(path)

    def fill(self, spot: Spot, text: str | Secret) -> None:
        said = text.reveal() if isinstance(text, Secret) else text
        if isinstance(text, Secret):
            self._hidden.add(spot, text)
            self._evidence.mask.add(text)
        elif not _can_be_sent(said):
            raise BusinessException("field_refused", spot.name, field=spot.name, wanted=repr(said)[:200], shown="")
        with self._told(spot.name):
            field = self._found(spot)
            field.fill(said)
            shown, most = field.evaluate(_HOLDS)
        self._compare(spot, text, str(shown), int(most))

    def choose(self, spot: Spot, option: str) -> None:
        with self._told(spot.name):
            self._found(spot).select_option(option)

    def press(self, spot: Spot) -> None:
        page = self.page
        with self._told(spot.name):
            place = self._found(spot)
            with self._may_close(page):
                place.click()

    def submit(self, spot: Spot, *, accept: bool = False) -> None:
        with self._told(spot.name):
            place = self._found(spot)
            self._accept = accept
            try:
                with self.page.expect_navigation(wait_until="domcontentloaded") as going:
                    place.click()
                self._look(going.value)
            finally:
                self._accept = False

    def follow(self, spot: Spot, *, accept: bool = False) -> None:
        """A button or a link of which nobody knows whether it opens another page: if it does, that is waited for."""
        self._after(spot, lambda place: place.click(), accept)

    def enter(self, spot: Spot) -> None:
        """The key Enter in a field, and the page that it may open."""
        self._after(spot, lambda place: place.press("Enter"))

    def open_window(self, opener: Spot) -> None:
        """A second window; everything is meant of it until it closes."""
        before = self.page
        self._opened(opener).once("close", lambda _: self._back_to(before))

    @contextmanager
    def window(self, opener: Spot) -> Iterator[None]:
        before = self.page
        self._opened(opener)
        try:
            yield
        finally:
            if not self.page.is_closed():
                self.page.close()
            self._page = before

    def _opened(self, opener: Spot) -> Page:
        """The second window, which is the page from now on."""
        with self._told(opener.name):
            with self.page.expect_popup() as opening:
                self._found(opener).click()
            self._page = opening.value
            self._page.wait_for_load_state("domcontentloaded")
        return self._page

    # Looking

    def read(self, spot: Spot) -> str:
        with self._told(spot.name):
            return str(self._found(spot).evaluate("place => place.value ?? place.textContent"))

    def shows(self, *spots: Spot, within: float = 0.0) -> Spot | None:
        until = time.monotonic() + within
        while True:
            with self._told(", ".join(each.name for each in spots)):
                for each in spots:
                    if any(self._locator(way).filter(visible=True).count() for way in each.ways):
                        return each
            if time.monotonic() >= until:
                return None
            self._rest()

    def table(self, spot: Spot) -> list[list[str]]:
        with self._told(spot.name):
            rows: list[list[str]] = self._found(spot).evaluate(_ROWS)
            return rows

    # What is kept

    def begin(self, evidence: Evidence) -> None:
        self._evidence = evidence
        for secret in self._hidden.secrets:
            evidence.mask.add(secret)
        if self._context is not None:
            self._is_open = True
            self._context.tracing.start_chunk()

    def picture(self) -> bytes:
        return self.page.screenshot(mask=[*self._hidden.places(self.page, self._locator)], animations="disabled")

    def keep(self, name: str, *, whole: bool = False) -> None:
        try:
            self._evidence.screenshot(name, self.picture())
            if whole:
                self._evidence.dom(name, self._hidden.taken_out(self.page.content()))
                self._evidence.note("address", self._hidden.taken_out(self.page.url))
        except Exception as problem:  # evidence is never the reason for which work fails
            self._evidence.log("evidence", "failed", name=name, error=f"{type(problem).__name__}: {problem}"[:300])

    def finish(self, *, failed: bool) -> None:
        if self._context is None:
            return
        try:
            if not failed:
                self._context.tracing.stop_chunk()
                return
            with tempfile.TemporaryDirectory(prefix="deskhand-trace-") as folder:
                path = Path(folder, "trace.zip")
                self._context.tracing.stop_chunk(path=path)
                self._evidence.trace("trace", scrub(path, self._hidden.secrets))
        except Exception as problem:  # the browser may be what failed
            self._evidence.log("evidence", "failed", name="trace", error=f"{type(problem).__name__}: {problem}"[:300])

    # How

    def _locator(self, way: str) -> Locator:
        kind, _, words = way.partition("=")
        match kind:
            case "label":
                return self.page.get_by_label(words, exact=True)
            case "text":
                return self.page.get_by_text(words, exact=True)
            case "placeholder":
                return self.page.get_by_placeholder(words, exact=True)
            case "title":
                return self.page.get_by_title(words, exact=True)
            case "testid":
                return self.page.get_by_test_id(words)
            case "css":
                return self.page.locator(words)
            case _ if kind in ROLES:
                return self.page.get_by_role(cast("Any", kind), name=words, exact=True)
            case _:
                return self.page.locator(way)

    def _found(self, spot: Spot) -> Locator:
        """The one visible place that the first of its ways leads to; Playwright then waits until it is enabled."""
        until = time.monotonic() + self._target.patience
        while True:
            counts = []
            for way in spot.ways:
                place = self._locator(way).filter(visible=True)
                counts.append(place.count())
                if counts[-1] == 1:
                    self._evidence.log(spot.name, "found", way=way)
                    return place
            if time.monotonic() >= until:
                self._session_ended()
                code = "ambiguous" if any(counts) else "not_found"
                raise SystemException(code, f"{spot.name}: {', '.join(spot.ways)}", spot=spot.name, ways=spot.ways)
            self._rest()

    def _rest(self) -> None:
        self._session.control.obey()
        self.page.wait_for_timeout(50)

    def _after(self, spot: Spot, act: Callable[[Locator], None], accept: bool = False) -> None:
        page, asked = self.page, []

        def noted(request: Request) -> None:
            if request.is_navigation_request() and request.frame == page.main_frame:
                asked.append(request)

        page.on("request", noted)
        self._accept = accept
        try:
            with self._told(spot.name):
                place = self._found(spot)
                with self._may_close(page):
                    act(place)
                    if not page.is_closed():
                        page.wait_for_timeout(_A_MOMENT)
                        self._look(asked[-1].response() if asked else None)
                        page.wait_for_load_state("domcontentloaded")
        finally:
            self._accept = False
            page.remove_listener("request", noted)

    @contextmanager
    def _may_close(self, page: Page) -> Iterator[None]:
        """What is pressed may close its window before the answer is here; a browser that died has no page."""
        try:
            yield
        except Error:
            if not page.is_closed() or not self._context or all(each.is_closed() for each in self._context.pages):
                raise

    def _back_to(self, page: Page) -> None:
        self._page = page

    def _look(self, response: Response | None) -> None:
        self._failed = response is not None and response.status >= 400
        if response is not None and self._failed:
            raise SystemException(
                "page_failed", f"{response.status} {self._hidden.taken_out(response.url)}", status=response.status
            )
        self._session_ended()

    def _session_ended(self) -> None:
        gone = self._target.signed_out
        if self._is_open and gone and any(self._locator(way).filter(visible=True).count() for way in gone.ways):
            raise SystemException("session_ended")

    def _compare(self, spot: Spot, text: str | Secret, shown: str, most: int) -> None:
        wanted = text.reveal() if isinstance(text, Secret) else text
        length = len(wanted.encode("utf-16-le")) // 2  # browsers count so
        if 0 <= most < length:
            raise BusinessException("text_too_long", spot.name, field=spot.name, length=length, most=most)
        if shown != wanted:
            told = {"wanted": MASK, "shown": MASK} if isinstance(text, Secret) else {"wanted": wanted, "shown": shown}
            short = {key: value[:200] for key, value in told.items()}
            raise BusinessException("field_refused", spot.name, field=spot.name, **short)

    def _pressed_away(self, nuisance: Spot) -> Any:
        def press(place: Locator) -> None:
            self._evidence.log(nuisance.name, "pressed away")
            place.click()

        return press

    def _answer(self, dialog: Dialog) -> None:
        """A message is taken note of; a question is denied unless it is the one that was expected."""
        accept = self._accept or dialog.type == "alert"
        self._evidence.log("dialog", "accepted" if accept else "dismissed", said=dialog.message)
        dialog.accept() if accept else dialog.dismiss()

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """The library's errors as ours, without what was typed."""
        try:
            yield
        except TookTooLong as problem:
            self._session_ended()
            raise SystemException("time_out", f"{what}: {self._hidden.taken_out(_first_line(problem))}") from problem
        except Error as problem:
            raise SystemException(
                "target_not_reached", f"{what}: {self._hidden.taken_out(_first_line(problem))}"
            ) from problem


def _first_line(problem: Error) -> str:
    return problem.message.split("\n")[0][:300]


def _can_be_sent(text: str) -> bool:
    """Half of a character that takes two can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
