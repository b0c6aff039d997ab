"""Orders of other systems -> orders here: decided and made ready chunk by chunk outside any transaction, then written,
each chunk of whole orders in one short one. Whatever stops it, the same import again goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from deskhand.erp.ahead import Ahead
from deskhand.erp.aligning import Precedence, alike
from deskhand.erp.candidates import among, rows_of
from deskhand.erp.kept_reversals import reversal_record
from deskhand.erp.kinds import Field
from deskhand.erp.options import ImportOptions
from deskhand.erp.order_changes import OrderChanges
from deskhand.erp.parties import Parties, parties_of
from deskhand.erp.report import Candidate, ImportReport
from deskhand.erp.reversals import match
from deskhand.erp.steps import ImportStopped, Phase, Step, Stop, Told
from deskhand.erp.units import Unit, imported, left_of, record_of, units
from deskhand.erp.wholes import Gatherer, Reversal, Tell
from deskhand.orders.actions import IMPORT_ORDERS
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.imports import ImportBatch, ImportedOrder, ImportResult, LoadedOrder, ScaledLine
from deskhand.orders.model import Actor, Customer
from deskhand.store import Desk, UnitOfWork
from deskhand.store.contention import WrittenMeanwhile, clashes_told
from deskhand.store.database import Database
from deskhand.store.loading import Loader, Prepared
from deskhand.store.repositories.source_records import DOUBTFUL, FORGOTTEN, NOTHING, ORDERS, Known, Ours, SourceRecord
from deskhand.store.staging import Ready

LINES_A_CHUNK, ORDERS_A_CHUNK = 30_000, 1_500
ENDS_SHARE = 5  # of which the first chunk is one, and the last
ATTEMPTS = 5
_NO_TIME = datetime.max.replace(tzinfo=UTC)
Place = tuple[str, str]  # a system and a customer's id there


@dataclass(slots=True)
class _Fresh:
    """An order that is new here, with what is kept of what was said."""

    order: ImportedOrder
    lines: list[ScaledLine]
    records: list[SourceRecord]
    place: Place
    reversals: list[Reversal]


@dataclass(slots=True)
class _Decided:
    """What becomes of the units of one chunk."""

    fresh: list[_Fresh] = field(default_factory=list)
    met: list[tuple[Unit, str, list[SourceRecord]]] = field(default_factory=list)  # with our order's id
    known: list[tuple[Unit, str | None]] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)


@dataclass(slots=True)
class _Ready:
    """A chunk with its rows: nothing but the writing is left."""

    chunk: Sequence[Unit]
    decided: _Decided
    loader: Loader
    prepared: Prepared | None
    records: Sequence[Ready]  # of what was said


class OrderImport:
    """One import of orders; `report` is filled while it runs."""

    def __init__(
        self, desk: Desk, actor: Actor, options: ImportOptions, report: ImportReport, currency: str, told: Told,
        stop: Stop,
    ) -> None:  # fmt: skip
        self._desk = desk
        self._actor = actor
        self._options = options
        self._report = report
        self._currency = currency
        self._told = told
        self._stop = stop
        self._batch = ImportBatch(options.source, currency, (), (), (), options.start_status, options.automatic)
        self._customers: dict[Place, Customer] = {}
        self._changes = OrderChanges(desk, actor, options, report, currency)
        self._several = self._elsewhere = False
        self._first = False  # nothing is known of these systems: there is nothing to compare with
        self._numbers: dict[str, str] = {}
        self._like: dict[str, str] = {}
        self._beside: dict[Place, list[Candidate]] = {}  # what may be one with an order of the same import

    def take(self, gatherer: Gatherer, tell: Tell) -> None:
        """Everything that was gathered. Raises ImportStopped."""
        wholes = gatherer.wholes()
        self._several = len({whole.system for whole in wholes}) > 1
        late = match(wholes, gatherer.reversals, tell)
        found = sorted(units(wholes, Precedence(self._options.precedence), self._options.tolerance), key=self._sorting)
        del wholes
        self._beside = among(found, self._options.tolerance)
        self._report.orders = len(found)
        self._report.disagreements += [told for unit in found for told in unit.disagreements]
        self._take_parties(parties_of(sorted(found, key=lambda unit: unit.key)))
        self._take_all(found)
        self._changes.take_back(late, tell, self._first)
        self._finish()

    def _sorting(self, unit: Unit) -> tuple[datetime, str, str]:
        """R2: by the chosen time, numbers breaking ties."""
        at = unit.owner.created_at
        if self._options.sort == "updated":
            at = unit.head.get(Field.UPDATED_AT) or at
        elif self._options.sort == "paid":
            at = unit.head.get(Field.PAID_AT) or _NO_TIME
        return at, unit.owner.number, unit.owner.system

    def _take_parties(self, parties: Parties) -> None:
        """Customers and goods that are new or newer than known, in one transaction; all customers by their place."""
        customers = {place: (one, parties.seen[place]) for place, one in parties.customers.items()}
        goods = {place: (one, parties.sold[place]) for place, one in parties.products.items()}
        write = not self._options.dry_run
        with self._desk.unit_of_work(self._actor.tenant, read_only=not write) as uow:
            others = uow.source_records.sources() - {self._options.source}
            systems = {self._options.source, *(system for system, _ in customers)}
            self._first = uow.source_records.is_new(systems) and not others
            taken = uow.parties.take(customers, goods, self._currency, write)
            if write:
                uow.commit()
        self._elsewhere = self._several or bool(others)
        self._customers = dict(taken.customers)
        self._report.customers, self._report.products = taken.new_customers, taken.new_products

    def _take_all(self, found: Sequence[Unit]) -> None:
        """Chunk by chunk. Where nothing is known of these systems, nothing that is being written matters to the next
        chunk: it is made ready meanwhile.
        """
        done = 0
        with self._desk.database.apart() if self._is_long(found) else nullcontext() as apart, Ahead[_Ready]() as ahead:
            for chunk in _chunks(found):
                ready = self._ready(chunk) if self._first and not self._options.dry_run else None
                done += self._written(ahead, done, len(found))
                if self._stop():
                    raise ImportStopped(done)
                if ready is not None and self._first:
                    ahead.begin(ready, self._writing(ready, apart))
                    continue
                self._take_chunk(chunk)
                done += len(chunk)
                self._told(Step(Phase.WRITING, self._options.source, done, len(found)))
            self._written(ahead, done, len(found))

    def _written(self, ahead: Ahead[_Ready], done: int, of: int) -> int:
        """Waits for the chunk that is being written; says how many orders it had."""
        ready, error = ahead.end()
        if ready is None:
            return 0
        if isinstance(error, WrittenMeanwhile):
            self._first = False
            self._take_chunk(ready.chunk)
        elif error is not None:
            raise error
        else:
            self._settle(ready.decided)
        self._told(Step(Phase.WRITING, self._options.source, done + len(ready.chunk), of))
        return len(ready.chunk)

    def _ready(self, chunk: Sequence[Unit]) -> _Ready:
        """Decided, and with its rows."""
        decided, loader = self._decided(chunk)
        if not decided.fresh or self._options.dry_run:
            return _Ready(chunk, decided, loader, None, [])
        prepared = loader.prepare([self._loaded(one) for one in decided.fresh])
        records: list[SourceRecord] = []
        ours: list[Ours] = []
        for one, placed in zip(decided.fresh, prepared.orders, strict=True):
            customer = placed.loaded.customer_id
            said = [*one.records, *(reversal_record(each, placed.id, customer) for each in one.reversals)]
            records += said
            ours += [(placed.id, customer)] * len(said)
        with self._desk.unit_of_work(self._actor.tenant, read_only=True) as uow:
            rows = uow.source_records.ready(records, ours)
        return _Ready(chunk, decided, loader, prepared, rows)

    def _take_chunk(self, chunk: Sequence[Unit]) -> None:
        """Another import may write the same orders meanwhile: then it is decided anew."""
        for attempt in range(1, ATTEMPTS + 1):
            ready = self._ready(chunk)
            try:
                self._write(ready)
                break
            except WrittenMeanwhile:
                self._first = False
                if attempt == ATTEMPTS:
                    raise
        self._settle(ready.decided)

    def _settle(self, decided: _Decided) -> None:
        self._count(decided)
        self._changes.meet(decided.met)
        self._changes.note_known(decided.known)

    def _decided(self, chunk: Sequence[Unit]) -> tuple[_Decided, Loader]:
        records = {id(unit): [record_of(whole, self._several) for whole in unit.wholes] for unit in chunk}
        decided = _Decided()
        with self._desk.unit_of_work(self._actor.tenant, read_only=True) as uow:
            new = chunk if self._first else self._without_known(uow, chunk, records, decided)
            said = [one for unit in new for one in records[id(unit)]]
            known = NOTHING if self._first or not said else uow.source_records.known(said, self._elsewhere)
            loader = uow.imports.loader(self._batch, self._actor)
        for unit in new:
            self._decide(unit, records[id(unit)], known, decided)
        return decided, loader

    @staticmethod
    def _without_known(
        uow: UnitOfWork, chunk: Sequence[Unit], records: Mapping[int, list[SourceRecord]], decided: _Decided
    ) -> list[Unit]:
        """Those of which something new is said; the others are told apart by their digests alone."""
        keys = ((one.source, one.key) for some in records.values() for one in some)
        noted = uow.source_records.noted(ORDERS, keys)
        new = []
        for unit in chunk:
            mine = records[id(unit)]
            before = [noted.get((one.source, one.key)) for one in mine]
            if any(one is not None and one.state == FORGOTTEN for one in before):
                decided.known.append((unit, None))
                continue
            order_id = next((one.order_id for one in before if one is not None and one.order_id), None)
            same = (old is not None and old.digest == one.digest for old, one in zip(before, mine, strict=True))
            if order_id and all(same):
                decided.known.append((unit, order_id))
                continue
            new.append(unit)
        return new

    def _decide(self, unit: Unit, records: list[SourceRecord], known: Known, decided: _Decided) -> None:
        """Of one of which something new is said."""
        before = [known.by_key.get((one.source, one.key)) for one in records]
        order_id = next((one.order_id for one in before if one is not None and one.order_id), None)
        order_id = order_id or self._same_elsewhere(records, known)
        if order_id:
            decided.met.append((unit, order_id, records))
            return
        decided.fresh.append(self._fresh(unit, records, known, decided))

    @staticmethod
    def _same_elsewhere(records: Sequence[SourceRecord], known: Known) -> str | None:
        """Our order that another system has said the same of, or that came in by itself under its number."""
        for one in records:
            there = sorted(known.by_hash.get(one.match_hash, ()), key=lambda each: (each.source, each.key))
            found = next((each.order_id for each in there if each.order_id and each.source != one.source), None)
            if found or (found := known.orders.get((one.source, one.key))):
                return found
        return None

    def _fresh(self, unit: Unit, records: list[SourceRecord], known: Known, decided: _Decided) -> _Fresh:
        owner = unit.owner
        taken: dict[int, int] = {}
        for index, reversal in owner.taken_back:
            taken[index] = taken.get(index, 0) + reversal.quantity
        lines = left_of(unit.lines, taken, self._currency) if taken else list(unit.lines)
        doubtful = self._doubtful(records, known) + self._beside.get((owner.system, owner.number), [])
        decided.candidates += doubtful
        records = [replace(one, state=DOUBTFUL) for one in records] if doubtful else records
        order = imported(owner.number, owner.customer, unit.head, lines, self._currency)
        place = owner.system, owner.customer
        return _Fresh(order, lines, records, place, [one for _, one in owner.taken_back])

    def _doubtful(self, records: Sequence[SourceRecord], known: Known) -> list[Candidate]:
        """Orders of other systems with the same customer, day and nearly the same amount, under another number."""
        found = []
        for one in records:
            near = known.near.get((one.customer_key or "", one.day), ()) if one.day else ()
            for other in near:
                if other.source == one.source or one.amount is None or other.amount is None:
                    continue
                if other.match_hash != one.match_hash and alike(one.amount, other.amount, self._options.tolerance):
                    difference = abs(one.amount - other.amount)
                    reason = "same customer and day"
                    found.append(Candidate(one.source, one.key, other.source, other.key, reason, difference))
        return sorted(found, key=lambda each: (each.key, each.like_source, each.like_key))

    def _is_long(self, found: Sequence[Unit]) -> bool:
        """Whether there is enough to be made ready while a chunk is written."""
        return self._first and not self._options.dry_run and len(found) > ORDERS_A_CHUNK

    def _write(self, ready: _Ready) -> None:
        for _ in self._writing(ready):
            pass

    def _writing(self, ready: _Ready, apart: Database | None = None) -> Iterator[None]:
        """One transaction: orders with all that hangs on them, and what was said of them. What comes after the yield
        keeps who asks waiting: all of it, or, where the database lies apart, the commit alone.
        """
        if apart is None:
            yield
        prepared = ready.prepared
        if prepared is None:
            return
        with clashes_told(), self._desk.unit_of_work(self._actor.tenant, database=apart) as uow:
            numbers = uow.imports.write(prepared)
            uow.source_records.add(ready.records) if self._first else uow.source_records.merge(ready.records)
            uow.candidates.add(rows_of(ready.decided.candidates))
            self._ask_for_receipts(uow, prepared, numbers)
            like = uow.imports.like(self._batch, ready.loader, prepared.orders)
            if apart is not None:
                yield
            uow.commit()
        self._numbers |= numbers
        self._like |= {numbers[one]: other for one, other in like.items()}

    def _ask_for_receipts(self, uow: UnitOfWork, prepared: Prepared, numbers: Mapping[str, str]) -> None:
        """Open orders get their checked text by the worker; closed history sends nothing."""
        if self._options.start_status is None:
            return
        told = [
            DomainEvent(EventName.RECEIPT_REQUESTED, one.id, {"number": numbers[one.loaded.head.external_number]})
            for one in prepared.orders
            if not one.loaded.head.cancelled
        ]
        uow.outbox.publish(told, self._actor)

    def _loaded(self, one: _Fresh) -> LoadedOrder:
        customer = self._customers[one.place]
        return LoadedOrder(
            *(one.order, one.lines, customer.id, customer.name),
            customer_address=customer.address,
            region=customer.region,
            source=one.place[0],
        )

    def _count(self, decided: _Decided) -> None:
        report = self._report
        report.inserted += len(decided.fresh)
        report.header_only += sum(not one.lines for one in decided.fresh)
        report.cancelled_orders += sum(one.order.cancelled for one in decided.fresh)
        report.total += sum((one.order.total for one in decided.fresh), report.total * 0)
        report.unchanged += len(decided.known)
        report.already_known += len(decided.known) + len(decided.met)
        report.candidates += decided.candidates

    def _finish(self) -> None:
        """The one notice of the whole import, where it has changed anything."""
        report = self._report
        report.numbers, report.like = self._numbers, self._like
        counts = (report.inserted, report.changed, report.cancelled_here, report.returned)
        if self._options.dry_run or not any(counts):
            return
        result = ImportResult(report.inserted, report.already_known, report.customers, report.products)
        with self._desk.unit_of_work(self._actor.tenant) as uow:
            uow.imports.tell(self._batch, result, self._actor)
            said = {"from": self._batch.source, "orders": report.inserted, "known": report.already_known,
                    "changed": report.changed, "customers": report.customers, "products": report.products}  # fmt: skip
            uow.audit.add(self._actor, IMPORT_ORDERS, None, "done", said)
            uow.commit()


def _chunks(found: Sequence[Unit]) -> Iterator[Sequence[Unit]]:
    """Whole orders, about so many lines together. The first are fewer, so that their writing begins soon, and the
    last, since nothing is left to be done while they are written.
    """
    start = lines = 0
    share = ENDS_SHARE
    last = len(found) - ORDERS_A_CHUNK // ENDS_SHARE
    for index, unit in enumerate(found):
        lines += len(unit.lines)
        count = index - start + 1
        if lines >= LINES_A_CHUNK // share or count >= ORDERS_A_CHUNK // share or index + 1 == last:
            yield found[start : index + 1]
            start, lines, share = index + 1, 0, 1
    if start < len(found):
        yield found[start:]
