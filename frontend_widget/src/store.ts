// The conversation as the widget knows it: messages in order, each once; who is typing; what is unread. Knows no socket.
import type { Card, CardState, Entry, Message, Outcome, Phase, SessionConfirm, User } from "./types.js";
import { Memory, type Waiting } from "./memory.js";
import { blank, fromMessage, place } from "./entry.js";
import { NoticeList } from "./notice-list.js";
import { isPast } from "./time.js";

export class Store {
  user: User | null = null;
  conversation = "";
  memory: Memory | null = null;
  phase: Phase = "connecting";
  entries: Entry[] = [];
  readonly typing = new Set<string>();
  readonly notices = new NoticeList();
  /** Cards whose button was pressed: card id -> button id. They stay shut until the server says otherwise. */
  readonly pressed = new Map<string, string>();
  /** The card that is being changed in place. */
  editing: string | null = null;
  /** Last message of which nothing before it is missing. */
  cursor = 0;
  private seen = 0;

  constructor(private readonly changed: () => void) {}

  /** Takes up a session; another user than before starts from nothing. */
  confirm(session: SessionConfirm): void {
    if (this.user?.id !== session.user.id) this.begin(session);
    this.user = session.user;
    this.conversation = session.conversation;
    this.changed();
  }

  private begin(session: SessionConfirm): void {
    const latest = session.latest_seq ?? 0;
    this.memory = new Memory(session.user.id);
    const kept = this.memory.cursors();
    this.entries = this.entries.filter((entry) => this.user === null && entry.delivery === "waiting");
    this.pressed.clear();
    // A page that opens asks for the last hundred messages, later ones only for what it misses.
    this.cursor = Math.max(0, latest - 100);
    this.seen = kept ? Math.min(kept.seen, latest) : latest;
    this.notices.begin(kept?.noticesFrom ?? 0);
  }

  enter(phase: Phase): void {
    this.phase = phase;
    if (phase !== "online") this.typing.clear();
    this.changed();
  }

  /** Where to resume: at the cursor, or before the oldest open card, whose state may have changed meanwhile. */
  resumeFrom(): number {
    const open = this.entries.find((entry) => entry.seq !== null && this.cardState(entry.card) === "open");
    return Math.min(this.cursor, (open?.seq ?? Number.POSITIVE_INFINITY) - 1);
  }

  /** Adds a message or brings the one that is here up to date. */
  receive(message: Message): void {
    const entry = fromMessage(message);
    const known = this.entries.find((other) =>
      other.id === entry.id || (other.seq !== null && other.seq === entry.seq) || (entry.clientId !== null && other.clientId === entry.clientId));
    if (known) Object.assign(known, entry);
    else this.entries.push(entry);
    if (entry.card?.id && entry.card.state && entry.card.state !== "open") this.pressed.delete(entry.card.id);
    this.sort();
  }

  advance(seq: number): void {
    this.cursor = Math.max(this.cursor, seq);
  }

  /** Shows what the user just said, before anybody heard it. */
  say(waiting: Waiting): void {
    if (waiting.card) this.pressed.set(waiting.card.id, waiting.card.action);
    if (!this.sent(waiting.id)) {
      this.entries.push({ ...blank(waiting.id, "in"), clientId: waiting.id, text: waiting.shown, at: waiting.at, delivery: "waiting" });
    }
    this.changed();
  }

  private sent(clientId: string): Entry | undefined {
    return this.entries.find((entry) => entry.clientId === clientId);
  }

  delivered(id: string, seq: number | null): void {
    const entry = this.sent(id);
    const twin = this.entries.find((other) => other !== entry && seq !== null && other.seq === seq);
    if (entry && twin) this.entries = this.entries.filter((other) => other !== entry);
    else if (entry) Object.assign(entry, { seq, delivery: "sent", code: null });
    this.sort();
  }

  refused(waiting: Waiting, code: string): void {
    const entry = this.sent(waiting.id);
    if (waiting.card) {
      this.entries = this.entries.filter((other) => other !== entry);
      this.refuseCard(waiting.card.id, code);
      this.notice(code);
    } else if (entry) Object.assign(entry, { delivery: "refused", code, seq: this.atEnd() });
    this.sort();
  }

  private refuseCard(id: string, code: string): void {
    const final: Record<string, CardState> = { card_used: "used", card_expired: "expired", card_unknown: "superseded" };
    const state = final[code];
    if (state) this.updateCard(id, state, this.card(id)?.outcome ?? null);
    else this.pressed.delete(id);
  }

  remove(id: string): void {
    this.entries = this.entries.filter((entry) => entry.id !== id);
    this.changed();
  }

  /** A line in the conversation that says what went wrong; the same one twice in a row is said once. */
  notice(code: string): void {
    const last = this.entries.at(-1);
    if (last?.kind === "notice" && last.code === code) return;
    this.entries.push({ ...blank(`notice-${Date.now()}-${this.entries.length}`, "notice"), seq: this.atEnd(), code });
    this.sort();
  }

  /** A place after all that was said so far, for what the server does not number. */
  private atEnd(): number {
    return Math.floor(Math.max(0, ...this.entries.map((entry) => entry.seq ?? 0))) + 0.5;
  }

  turnStarted(turn: string): void {
    this.typing.add(turn);
    this.changed();
  }

  turnEnded(turn: string, ok: boolean, code?: string): void {
    this.typing.delete(turn);
    if (!ok) this.turnFailed(turn, code ?? "unknown");
    this.changed();
  }

  /** While the bot is away the gateway keeps trying, so buttons stay shut; any other end opens them or shuts the card. */
  private turnFailed(turn: string, code: string): void {
    if (code !== "bot_unavailable") for (const id of [...this.pressed.keys()]) this.refuseCard(id, code);
    const explained = this.entries.some((entry) => entry.kind === "out" && entry.turn === turn);
    if (!explained) this.notice(code);
  }

  card(id: string): Card | null {
    return this.entries.find((entry) => entry.card?.id === id)?.card ?? null;
  }

  updateCard(id: string, state: CardState, outcome: Outcome | null): void {
    for (const entry of this.entries) if (entry.card?.id === id) entry.card = { ...entry.card, state, outcome };
    if (state !== "open") this.pressed.delete(id);
    this.changed();
  }

  /** The state as of now: an open card past its time is expired, whatever was heard last. */
  cardState(card: Card | null): CardState | null {
    if (!card) return null;
    const state = card.state ?? "open";
    return state === "open" && isPast(card.expires_at) ? "expired" : state;
  }

  unreadMessages(): number {
    return this.entries.filter((entry) => entry.kind === "out" && (entry.seq ?? 0) > this.seen).length;
  }

  /** The user has the conversation before their eyes. */
  see(): void {
    const last = Math.floor(this.atEnd());
    if (last <= this.seen) return;
    this.seen = last;
    this.keep();
    this.changed();
  }

  keep(): void {
    this.memory?.keepCursors({ seen: this.seen, noticesFrom: this.notices.windowStart() });
  }

  /** Forgets the user, here and in the browser. */
  clear(): void {
    this.memory?.forget();
    this.memory = this.user = null;
    this.entries = [];
    this.pressed.clear();
    this.editing = null;
    this.notices.begin(0);
    this.cursor = this.seen = 0;
  }

  touch(): void {
    this.changed();
  }

  private sort(): void {
    this.entries.sort((one, other) => (place(one) === place(other) ? 0 : place(one) - place(other)));
    this.changed();
  }
}
