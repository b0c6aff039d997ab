// What the user said and the server has not confirmed yet: kept, sent in order, one at a time, under the
// same id until it is answered. Knows nothing of rendering.
import type { Ack, Utterance } from "./types.js";
import type { Store } from "./store.js";
import type { Waiting } from "./memory.js";

export type Deliver = (utterance: Utterance) => Promise<Ack>;

const RETRY_MS = 2000;

export class Outbox {
  private queue: Waiting[] = [];
  private flushing = false;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store,
    private readonly deliver: Deliver,
    private readonly ready: () => boolean,
  ) {}

  /** Takes back what an earlier page of this tab could not deliver. */
  restore(): void {
    const here = new Set(this.queue.map((waiting) => waiting.id));
    const kept = (this.store.memory?.waiting() ?? []).filter((waiting) => !here.has(waiting.id));
    this.queue.unshift(...kept);
    this.queue.forEach((waiting) => this.store.say(waiting));
    this.keep();
  }

  add(utterance: Omit<Utterance, "id">, shown: string): void {
    const waiting: Waiting = { ...utterance, id: newId(), at: new Date().toISOString(), shown };
    this.queue.push(waiting);
    this.store.say(waiting);
    this.keep();
    void this.flush();
  }

  async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    clearTimeout(this.retry);
    try {
      for (let head = this.queue[0]; head && this.ready(); head = this.queue[0]) await this.send(head);
    } catch {
      // Not answered: it stays first in the queue and goes again under the same id.
      this.retry = setTimeout(() => void this.flush(), RETRY_MS);
    } finally {
      this.flushing = false;
    }
  }

  clear(): void {
    clearTimeout(this.retry);
    this.queue = [];
  }

  private async send(head: Waiting): Promise<void> {
    const { at: _at, shown: _shown, ...utterance } = head;
    const ack = await this.deliver(utterance);
    this.queue = this.queue.filter((waiting) => waiting.id !== head.id);
    this.keep();
    if (ack.ok) this.store.delivered(head.id, ack.seq ?? null);
    else this.store.refused(head, ack.code ?? "unknown");
  }

  private keep(): void {
    this.store.memory?.keepWaiting(this.queue);
  }
}

/** A UUID also where the page is not a secure context, as on a plain-http intranet. */
export function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
