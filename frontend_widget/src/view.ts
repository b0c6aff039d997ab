// What every view is given: the state to show, the language to show it in, and what the user can do.
import type { Card, CardAction, Entry, Language } from "./types.js";
import type { Translate } from "./i18n.js";
import type { Store } from "./store.js";

export interface Acts {
  say(text: string): void;
  press(card: string, action: CardAction): void;
  /** Puts a question about an order into the composer; sending it is the user's own act. */
  ask(order: string): void;
  /** Puts a text into the composer. */
  propose(text: string): void;
  again(entry: Entry): void;
  edit(entry: Entry): void;
  acknowledge(seq: number): void;
  /** An address below /api as `data:`; empty until it is here. */
  picture(address: string): string;
  /** Opens a card to be changed in place; null ends that, with what is to be said for the changes. */
  change(card: Card | null, said: string[]): void;
}

export interface View {
  store: Store;
  language: Language;
  t: Translate;
  act: Acts;
}
