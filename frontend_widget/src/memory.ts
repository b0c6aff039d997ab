// What the browser keeps for one user: how far they have read, and what is not delivered yet.
// Cursors are shared by the tabs of a browser; the outbox belongs to its tab. Message texts that were
// delivered are never kept. Knows nothing of the socket.
import type { Language, Utterance } from "./types.js";

export interface Cursors {
  /** Last message that the user has seen. */
  seen: number;
  /** Where the list of notices starts that a fresh page asks for again. */
  noticesFrom: number;
}

export interface Waiting extends Utterance {
  at: string;
  /** What the conversation shows for it: the text, or the words on the button. */
  shown: string;
}

function read<T>(storage: () => Storage, key: string): T | null {
  try {
    const raw = storage().getItem(key);
    return raw === null ? null : (JSON.parse(raw) as T);
  } catch {
    return null;
  }
}

/** A full or forbidden storage costs the comfort of a later page, never the conversation. */
function write(storage: () => Storage, key: string, value: unknown): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, JSON.stringify(value));
  } catch {
    // nothing to do: the page goes on without it
  }
}

const local = (): Storage => localStorage;
const tab = (): Storage => sessionStorage;

export class Memory {
  constructor(private readonly user: string) {}

  private key(name: string): string {
    return `deskhand:${this.user}:${name}`;
  }

  cursors(): Cursors | null {
    return read<Cursors>(local, this.key("cursors"));
  }

  keepCursors(cursors: Cursors): void {
    write(local, this.key("cursors"), cursors);
  }

  waiting(): Waiting[] {
    const kept = read<Waiting[]>(tab, this.key("outbox"));
    return Array.isArray(kept) ? kept : [];
  }

  keepWaiting(waiting: readonly Waiting[]): void {
    write(tab, this.key("outbox"), waiting.length ? waiting : null);
  }

  forget(): void {
    write(local, this.key("cursors"), null);
    write(tab, this.key("outbox"), null);
  }
}

export const rememberedLanguage = (): Language | null => read<Language>(local, "deskhand:language");
export const rememberLanguage = (language: Language): void => write(local, "deskhand:language", language);

export interface Wants {
  sound: boolean;
  desktop: boolean;
}

/** How this browser's user wants to be called; nobody is until they have said so. */
export const asked = (): Wants => ({ sound: false, desktop: false, ...read<Partial<Wants>>(local, "deskhand:alerts") });
export const remember = (wants: Wants): void => write(local, "deskhand:alerts", wants);
