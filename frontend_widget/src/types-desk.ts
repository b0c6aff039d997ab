// What the gateway's HTTP API says to the widget: handovers, tasks, preferences. Knows nothing of rendering or storage.
import type { Both } from "./types.js";

/** A conversation that wants a person, or has one. */
export interface Handover {
  id: string;
  conversation: string;
  state: "waiting" | "taken" | "closed";
  who: string;
  reason: string;
  asked_at: string;
  taken_by: string | null;
  taken_by_id: string | null;
}

/** What could be said at once to a customer, from the facts of an order. */
export interface Offer {
  order: string;
  title: Both;
  text: string;
  language: string;
}

/** Something that waits for this user. */
export interface Task {
  id: string;
  case: string;
  title: Both;
  process_title: Both;
  subject: Both;
  since: string;
  due_at: string | null;
  on_behalf_of: string | null;
  decisions: string[];
  /** Decisions that need a reason. */
  reason_for: string[];
  fields: TaskField[];
  version: number;
}

/** What has to be said with a decision. */
export interface TaskField {
  name: string;
  type: string;
  title: Both;
  required: boolean;
  choices: { value: string; title: Both }[] | null;
}

export interface Quiet {
  from: string;
  to: string;
  days?: string[];
}

/** How one wants to be told of each topic, on each of the channels that one has. */
export interface Preferences {
  kinds: { kind: string; label: Both; events: string[]; wants: Record<string, string>; required: boolean }[];
  channels: { channel: string; label: Both; modes: string[] }[];
  modes: { mode: string; label: Both }[];
  quiet: Quiet | null;
  time_zone: string;
  digest: { every: string; at: string };
}
