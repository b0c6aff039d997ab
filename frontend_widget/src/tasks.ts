// What waits for this user, and their decisions on it. Knows nothing of rendering.
import { problemCode, type Call } from "./api.js";
import { newId } from "./outbox.js";
import type { Task } from "./types.js";

const ALL = "/api/tasks";
const SOON_MS = 400;
/** Decisions with an address of their own; others are named in the body. */
const OWN = new Set(["approve", "reject", "complete", "return"]);

export class Tasks {
  items: Task[] = [];
  /** There are more than these. */
  more = false;
  /** What is just being decided: its form is open where more has to be said. */
  chosen: { task: Task; decision: string } | null = null;
  busy = false;
  code = "";
  /** What has just been done, to be said. */
  done = "";
  /** The key under which a decision is carried out once, however often it is tried. */
  private tried = { what: "", key: "" };
  private soon: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly changed: () => void, private readonly call: Call) {}

  clear(): void {
    clearTimeout(this.soon);
    this.items = [];
    this.chosen = null;
    this.code = this.done = "";
  }

  /** Several things that happen at once are one reason to look. */
  look(wait = SOON_MS): void {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.refresh(), wait);
  }

  readonly refresh = async (): Promise<void> => {
    const got = await this.call("GET", ALL);
    if (!got?.ok) return;
    const { items, next_cursor } = (await got.json()) as { items: Task[]; next_cursor: string | null };
    this.items = items;
    this.more = !!next_cursor;
    const { chosen } = this;
    if (chosen && !items.some(({ id }) => id === chosen.task.id)) this.chosen = null;
    this.changed();
  };

  /** At once where nothing more has to be said. */
  choose(task: Task, decision: string): void {
    this.code = this.done = "";
    this.chosen = { task, decision };
    if (asksMore(task, decision)) this.changed();
    else void this.decide("", {});
  }

  readonly drop = (): void => {
    this.chosen = null;
    this.code = "";
    this.changed();
  };

  async decide(reason: string, fields: Record<string, unknown>): Promise<void> {
    const { chosen } = this;
    if (!chosen || this.busy) return;
    const { task, decision } = chosen;
    const own = OWN.has(decision);
    const body = {
      expected_version: task.version,
      ...(reason ? { reason } : {}),
      ...(Object.keys(fields).length ? { fields } : {}),
      ...(own ? {} : { decision }),
    };
    const what = task.id + JSON.stringify(body) + decision;
    if (this.tried.what !== what) this.tried = { what, key: newId() };
    this.busy = true;
    this.changed();
    const got = await this.call("POST", `${ALL}/${encodeURIComponent(task.id)}/${own ? decision : "decide"}`, body, this.tried.key);
    this.busy = false;
    this.code = await problemCode(got);
    if (!this.code) {
      this.chosen = null;
      this.done = decision;
    }
    await this.refresh();
    this.changed();
  }
}

export const asksMore = (task: Task, decision: string): boolean => task.reason_for.includes(decision) || task.fields.length > 0;
