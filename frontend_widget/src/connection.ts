// The Socket.IO line to the gateway: says what the user said, hears what happened, resumes after a break.
// Knows nothing of rendering; all it learns goes into the store.
import type { Ack, CardState, Language, Message, Notification, Offer, Outcome, Resumed, SessionConfirm, Standing, Utterance } from "./types.js";
import type { Handovers } from "./handovers.js";
import { Line } from "./line.js";
import { Outbox } from "./outbox.js";
import type { Store } from "./store.js";

const AGAIN_MS = 2000;
const MOST_PAGES = 200;

export class Connection {
  readonly outbox: Outbox;
  private line: Line | null = null;
  /** Nothing is missing: the session is confirmed and all that was missed is here. */
  private caughtUp = false;
  private typed = 0;
  /** Read here, and not yet taken by the gateway: the line is down, or too much was asked for. */
  private readUntold = 0;

  constructor(
    private readonly store: Store,
    private readonly handovers: Handovers,
    private readonly onSession: (session: SessionConfirm) => void,
    /** Called for what the desk says now, and not for what was missed. */
    private readonly onNews: (come: Message | Notification) => void,
  ) {
    this.outbox = new Outbox(store, (utterance) => this.deliver(utterance), () => this.caughtUp && !!this.line?.connected);
  }

  open(server: string, token: string): void {
    this.close();
    this.store.enter("connecting");
    this.line = new Line(server || location.origin, token ? { token } : null, (name, data) => this.hears[name]?.(data as never));
  }

  close(): void {
    this.caughtUp = false;
    this.line?.close();
    this.line = null;
  }

  /** What one user said and read is not told in the name of the next. */
  forget(): void {
    this.outbox.clear();
    this.readUntold = 0;
    this.handovers.clear();
  }

  /** Tries at once instead of waiting for the next attempt. */
  readonly hurry = (): void => this.line?.connect();

  acknowledge(seq: number): void {
    this.store.notices.readUpTo(seq);
    this.readUntold = Math.max(this.readUntold, seq);
    void this.tellRead();
    this.store.touch();
  }

  /** Again and again until it is taken; without it the notices would be unread in the next tab. */
  private async tellRead(): Promise<void> {
    const { line, readUntold: seq } = this;
    if (!seq || !line || !this.caughtUp) return;
    const ack = await line.ask<Ack>("notification_ack", { seq }).catch(() => null);
    if (!ack?.ok) setTimeout(() => void this.tellRead(), AGAIN_MS);
    else if (this.readUntold === seq) this.readUntold = 0;
  }

  setLanguage(language: Language): void {
    this.line?.emit("set_language", { language });
  }

  tellTyping(): void {
    if (Date.now() - this.typed < 3000) return;
    this.typed = Date.now();
    this.line?.emit("typing");
  }

  private deliver(utterance: Utterance): Promise<Ack> {
    return this.line?.ask<Ack>("user_uttered", utterance) ?? Promise.reject(new Error("closed"));
  }

  private readonly hears: Record<string, (data: never) => void> = {
    down: () => {
      this.caughtUp = false;
      if (this.store.phase !== "signed_out") this.store.enter("offline");
    },
    refused: (code: string) => { if (code === "signed_out") this.signedOut(); },
    signed_out: () => this.signedOut(),
    session_confirm: (session: SessionConfirm) => void this.begin(this.line!, session),
    bot_uttered: (message: Message) => {
      this.hear(message, "out");
      this.onNews(message);
    },
    message: (message: Message) => this.hear(message, message.direction ?? "in"),
    turn_started: ({ turn }: { turn: string }) => this.store.turnStarted(turn),
    turn_ended: (end: { turn: string; ok: boolean; code?: string }) => this.store.turnEnded(end.turn, end.ok, end.code),
    card_updated: (card: { id: string; state: CardState; outcome: Outcome | null }) =>
      this.store.updateCard(card.id, card.state, card.outcome),
    handover: (standing: Standing) => this.handovers.stand(standing),
    handovers: () => void this.handovers.refresh(),
    handover_offers: (said: { conversation: string; offers: Offer[] }) => this.handovers.offer(said.conversation, said.offers),
    handover_message: (said: { conversation: string; message: Message }) => this.handovers.hear(said.conversation, said.message),
    error: ({ code }: { code?: string }) => this.store.notice(code ?? "unknown"),
    notification: (notification: Notification) => {
      const { notices } = this.store;
      if (notices.receive(notification)) this.onNews(notification);
      if (this.caughtUp) notices.advance(notification.seq);
      this.store.keep();
      this.store.touch();
    },
    unread: ({ count }: { count: number }) => {
      if (this.caughtUp) this.store.notices.heard(count);
      this.store.touch();
    },
  };

  private hear(message: Message, direction: "in" | "out"): void {
    this.store.receive({ ...message, direction });
    if (this.caughtUp) this.store.advance(message.seq);
  }

  private async begin(line: Line, session: SessionConfirm): Promise<void> {
    if (this.store.user && this.store.user.id !== session.user.id) this.forget();
    this.store.confirm(session);
    this.handovers.begin(session);
    this.onSession(session);
    try {
      await this.resume(line);
    } catch {
      // Cut off in the middle, refused, or no answer in time: start over. A dead line reconnects by itself.
      if (line === this.line && line.connected) setTimeout(line.drop, AGAIN_MS);
      return;
    }
    this.caughtUp = true;
    this.acknowledge(this.readUntold);
    this.store.enter("online");
    this.outbox.restore();
    void this.outbox.flush();
  }

  private async resume(line: Line): Promise<void> {
    const { store } = this;
    let from = store.resumeFrom();
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const got = await line.ask<Resumed>("resume", { conversation_seq: from, notification_seq: store.notices.cursor });
      if (got.ok === false) throw new Error(got.code);
      for (const message of got.messages ?? []) {
        store.receive(message);
        from = Math.max(from, message.seq);
      }
      for (const notification of got.notifications ?? []) {
        store.notices.receive(notification);
        store.notices.advance(notification.seq);
      }
      store.advance(from);
      if (got.unread !== undefined) store.notices.settle(got.unread);
      if (!got.more || !(got.messages?.length || got.notifications?.length)) break;
    }
    store.keep();
  }

  private signedOut(): void {
    this.store.enter("signed_out");
    this.close();
  }
}
