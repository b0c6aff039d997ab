// The wire: what the gateway and the widget say to each other; what is asked for over HTTP stands in types-desk.ts.
// Knows nothing of rendering or storage.

export type * from "./types-desk.js";

export type Language = "zh" | "en";

export type Both = Record<Language, string>;

export interface User {
  id: string;
  name: string;
  role: string;
  customer?: string | null;
}

export interface CardAction {
  id: string;
  label: string;
  style?: "primary" | "danger" | "default";
}

export interface CardLine {
  sku?: string;
  name: string;
  quantity: string;
  unit: string;
  unit_price?: string | null;
  amount?: string | null;
  note?: string | null;
}

/** What of a draft may be changed on its card, and the sentence that says so: a fact by `key`, goods by `sku`. */
export interface CardEdit {
  key: string;
  sku?: string;
  label: string;
  type: string;
  value: string;
  /** With `{value}` where the new one goes. */
  say: string;
  /** What is said to take it out. */
  drop?: string;
  min?: string;
  /** Said in a message of its own. */
  apart?: boolean;
}

export interface CardItem {
  order?: string | null;
  title: string;
  subtitle?: string | null;
}

/** Figures, a row each: the first cell says what, the others count. */
export interface CardTable {
  columns: string[];
  rows: { key: string; cells: string[] }[];
}

export type CardState = "open" | "used" | "expired" | "superseded";

export interface Outcome {
  text: string;
  by?: string | null;
  at?: string | null;
}

/** A card's labels arrive already in its own language. */
export interface Card {
  id: string | null;
  kind: string;
  language: Language;
  title: string;
  order?: string | null;
  status?: { code: string; label: string } | null;
  facts?: { key: string; label: string; value: string }[];
  lines?: CardLine[];
  total?: { label: string; value: string } | null;
  items?: CardItem[];
  table?: CardTable | null;
  edits?: CardEdit[];
  actions?: CardAction[];
  expires_at?: string | null;
  state?: CardState;
  outcome?: Outcome | null;
}

export interface QuickReply {
  title: string;
  text: string;
}

export interface Message {
  id: string;
  seq: number;
  direction?: "in" | "out";
  text?: string | null;
  card?: Card | null;
  quick_replies?: QuickReply[] | null;
  language?: Language;
  client_id?: string | null;
  turn?: string | null;
  /** The person who wrote it in the bot's place. */
  by?: string | null;
  at: string;
}

/** Who has a conversation. */
export interface Standing {
  state: "bot" | "waiting" | "person";
  name: string | null;
}

export interface Notification {
  id: string;
  seq: number;
  sender?: string | null;
  receiver?: string | null;
  content: Both | string;
  order?: string | null;
  kind?: string;
  at: string;
  dedupe_key?: string | null;
  /** Kept in the list and nothing more: no sound, no count. */
  silent?: boolean;
}

export interface SessionConfirm {
  conversation: string;
  user: User;
  language?: Language;
  latest_seq?: number;
  handover?: Standing;
  takes_handovers?: boolean;
}

export interface Resumed {
  ok?: boolean;
  code?: string;
  messages?: Message[];
  notifications?: Notification[];
  unread?: number;
  more?: boolean;
}

/** What a person said or pressed. `id` is the client's, so that sending it twice does it once. */
export interface Utterance {
  id: string;
  text?: string;
  card?: { id: string; action: string };
}

export interface Ack {
  ok: boolean;
  id?: string;
  seq?: number;
  code?: string;
  message?: string;
}

/** One row of the conversation as it is shown. */
export interface Entry {
  id: string;
  /** The id under which this browser sent it. */
  clientId: string | null;
  turn: string | null;
  seq: number | null;
  kind: "in" | "out" | "notice";
  text: string;
  by: string | null;
  card: Card | null;
  quickReplies: QuickReply[];
  language: Language | null;
  at: string;
  delivery: "sent" | "waiting" | "refused";
  code: string | null;
}

export type Phase = "connecting" | "online" | "offline" | "signed_out";
