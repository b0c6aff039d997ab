// How a message becomes a row of the conversation. Knows nothing of state.
import type { Entry, Message } from "./types.js";

/** What the server has not numbered yet stands last. */
export const place = (entry: Entry): number => entry.seq ?? Number.POSITIVE_INFINITY;

export function blank(id: string, kind: Entry["kind"]): Entry {
  return {
    id, clientId: null, turn: null, kind, seq: null, text: "", by: null, card: null, quickReplies: [], language: null,
    at: new Date().toISOString(), delivery: "sent", code: null,
  };
}

export function fromMessage(message: Message): Entry {
  return {
    ...blank(message.id, message.direction === "in" ? "in" : "out"),
    seq: message.seq,
    clientId: message.client_id ?? null,
    turn: message.turn ?? null,
    text: message.text ?? "",
    by: message.by ?? null,
    card: message.card?.title !== undefined ? message.card : null,
    quickReplies: message.quick_replies ?? [],
    language: message.language ?? null,
    at: message.at,
  };
}
