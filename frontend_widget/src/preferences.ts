// How this user wants to be told of what happens, as the desk keeps it for them. Knows nothing of rendering.
import { problemCode, type Call } from "./api.js";
import type { Both, Notification, Preferences, Quiet } from "./types.js";

const PATH = "/api/notifications/preferences";

export type Change = Partial<{
  kinds: Record<string, Record<string, string>>;
  quiet: Quiet | null;
  digest: Preferences["digest"];
}>;

export class PreferencesOf {
  now: Preferences | null = null;
  code = "";
  saved = false;

  constructor(private readonly changed: () => void, private readonly call: Call) {}

  clear(): void {
    this.now = null;
    this.code = "";
    this.saved = false;
  }

  readonly refresh = async (): Promise<void> => this.take(await this.call("GET", PATH));

  /** Each change by itself; what was refused shows again as it is. */
  async save(change: Change): Promise<void> {
    const got = await this.call("PUT", PATH, change);
    this.code = await problemCode(got);
    this.saved = !this.code;
    await this.take(got);
  }

  /** The topic of a notice; none where the desk has no such list. */
  topicOf({ kind }: Notification): { kind: string; label: Both } | undefined {
    return this.now?.kinds.find(({ events }) => events.includes(kind ?? ""));
  }

  private async take(got: Response | undefined): Promise<void> {
    if (got?.ok) this.now = (await got.json()) as Preferences;
    this.changed();
  }
}
