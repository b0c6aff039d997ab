// The Socket.IO line to the gateway: says what the user said, hears what happened, resumes after a break.
// Knows nothing of rendering; all it learns goes into the store.
import { io, type Socket } from "socket.io-client";
import type { Ack, CardState, Language, Message, Notification, Outcome, Resumed, SessionConfirm, Standing, Utterance } from "./types.js";
import type { Handovers } from "./handovers.js";
import { Outbox } from "./outbox.js";
import type { Store } from "./store.js";

const ACK_MS = 15_000;
const AGAIN_MS = 2000;
const MOST_PAGES = 200;

export class Connection {
  readonly outbox: Outbox;
  private socket: Socket | null = null;
  /** Nothing is missing: the session is confirmed and all that was missed is here. */
  private caughtUp = false;
  private typed = 0;
  /** Read here, and not yet taken by the gateway: the line is down, or too much was asked for. */
  private readUntold = 0;

  constructor(
    private readonly store: Store,
    private readonly handovers: Handovers,
    private readonly onSession: (session: SessionConfirm) => void,
  ) {
    this.outbox = new Outbox(store, (utterance) => this.deliver(utterance), () => this.caughtUp && !!this.socket?.connected);
  }

  open(server: string, token: string): void {
    this.close();
    this.store.enter("connecting");
    const socket = io(server || location.origin, {
      ...(token ? { auth: { token } } : {}),
      withCredentials: true,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5000,
      forceNew: true,
    });
    this.socket = socket;
    this.hearLine(socket);
    this.hearConversation(socket);
    this.hearNotices(socket);
  }

  close(): void {
    this.caughtUp = false;
    this.socket?.removeAllListeners();
    this.socket?.disconnect();
    this.socket = null;
  }

  /** What one user said and read is not told in the name of the next. */
  forget(): void {
    this.outbox.clear();
    this.readUntold = 0;
    this.handovers.clear();
  }

  /** Tries at once instead of waiting for the next attempt. */
  hurry(): void {
    if (this.socket?.active && !this.socket.connected) this.socket.connect();
  }

  acknowledge(seq: number): void {
    this.store.notices.readUpTo(seq);
    this.readUntold = Math.max(this.readUntold, seq);
    void this.tellRead();
    this.store.touch();
  }

  /** Again and again until it is taken; without it the notices would be unread in the next tab. */
  private async tellRead(): Promise<void> {
    const { socket, readUntold: seq } = this;
    if (!seq || !socket || !this.caughtUp) return;
    const ack = (await socket.timeout(ACK_MS).emitWithAck("notification_ack", { seq }).catch(() => null)) as Ack | null;
    if (!ack?.ok) setTimeout(() => void this.tellRead(), AGAIN_MS);
    else if (this.readUntold === seq) this.readUntold = 0;
  }

  setLanguage(language: Language): void {
    if (this.socket?.connected) this.socket.emit("set_language", { language });
  }

  tellTyping(): void {
    if (!this.socket?.connected || Date.now() - this.typed < 3000) return;
    this.typed = Date.now();
    this.socket.emit("typing");
  }

  private deliver(utterance: Utterance): Promise<Ack> {
    if (!this.socket) return Promise.reject(new Error("closed"));
    return this.socket.timeout(ACK_MS).emitWithAck("user_uttered", utterance) as Promise<Ack>;
  }

  private hearLine(socket: Socket): void {
    socket.on("disconnect", (reason) => {
      this.caughtUp = false;
      if (this.store.phase === "signed_out") return;
      this.store.enter("offline");
      // The server may cut a slow client off; it comes back and catches up from its cursor.
      if (reason === "io server disconnect") setTimeout(() => socket.connect(), 1000);
    });
    socket.on("connect_error", (error: Error & { data?: { code?: string } }) => {
      const code = error.data?.code ?? error.message;
      if (code === "signed_out") return this.signedOut();
      this.store.enter("offline");
      if (!socket.active) setTimeout(() => socket.connect(), 3000);
    });
    socket.on("signed_out", () => this.signedOut());
    socket.on("session_confirm", (session: SessionConfirm) => void this.begin(socket, session));
  }

  private hearConversation(socket: Socket): void {
    const hear = (message: Message): void => {
      this.store.receive(message);
      if (this.caughtUp) this.store.advance(message.seq);
    };
    socket.on("bot_uttered", (message: Message) => hear({ ...message, direction: "out" }));
    socket.on("message", (message: Message) => hear({ ...message, direction: message.direction ?? "in" }));
    socket.on("turn_started", ({ turn }: { turn: string }) => this.store.turnStarted(turn));
    socket.on("turn_ended", (end: { turn: string; ok: boolean; code?: string }) => this.store.turnEnded(end.turn, end.ok, end.code));
    socket.on("card_updated", (card: { id: string; state: CardState; outcome: Outcome | null }) =>
      this.store.updateCard(card.id, card.state, card.outcome));
    socket.on("handover", (standing: Standing) => this.handovers.stand(standing));
    socket.on("handovers", this.handovers.refresh);
    socket.on("handover_message", (said: { conversation: string; message: Message }) => this.handovers.hear(said.conversation, said.message));
    socket.on("error", ({ code }: { code?: string }) => this.store.notice(code ?? "unknown"));
  }

  private hearNotices(socket: Socket): void {
    const { notices } = this.store;
    socket.on("notification", (notification: Notification) => {
      notices.receive(notification);
      if (this.caughtUp) notices.advance(notification.seq);
      this.store.keep();
      this.store.touch();
    });
    socket.on("unread", ({ count }: { count: number }) => {
      if (this.caughtUp) notices.heard(count);
      this.store.touch();
    });
  }

  private async begin(socket: Socket, session: SessionConfirm): Promise<void> {
    if (this.store.user && this.store.user.id !== session.user.id) this.forget();
    this.store.confirm(session);
    this.handovers.begin(session);
    this.onSession(session);
    try {
      await this.resume(socket);
    } catch {
      // Cut off in the middle, refused, or no answer in time: start over. A dead line reconnects by itself.
      if (socket === this.socket && socket.connected) setTimeout(() => socket.disconnect().connect(), AGAIN_MS);
      return;
    }
    this.caughtUp = true;
    this.acknowledge(this.readUntold);
    this.store.enter("online");
    this.outbox.restore();
    void this.outbox.flush();
  }

  private async resume(socket: Socket): Promise<void> {
    const { store } = this;
    let from = store.resumeFrom();
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const got = (await socket.timeout(ACK_MS).emitWithAck("resume", {
        conversation_seq: from,
        notification_seq: store.notices.cursor,
      })) as Resumed;
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
