// What the widget knows of the desk and does there: state and the line to the gateway. Knows nothing of rendering.
import type { Language, Message, Notification, SessionConfirm } from "./types.js";
import { Alerts, type Alert } from "./alerts.js";
import { caller } from "./api.js";
import { Connection } from "./connection.js";
import { Handovers } from "./handovers.js";
import { translator } from "./i18n.js";
import { contentOf, Sieve } from "./notifications.js";
import { Pictures } from "./picture.js";
import { PreferencesOf } from "./preferences.js";
import { Store } from "./store.js";
import { Tasks } from "./tasks.js";
import { hand, wholeOf, type asText } from "./transcript.js";

const BACK_MS = 5000;

export class Desk {
  private user = "";
  readonly call = caller(() => this.where());
  readonly store: Store;
  readonly handovers: Handovers;
  readonly tasks: Tasks;
  readonly pictures: Pictures;
  readonly preferences: PreferencesOf;
  readonly sieve: Sieve;
  readonly alerts: Alerts;
  readonly connection: Connection;

  constructor(
    private readonly changed: () => void,
    private readonly where: () => { server: string; token: string; language: Language },
    private readonly greet: (language: Language | undefined) => void,
    come: () => void,
  ) {
    this.store = new Store(changed);
    this.handovers = new Handovers(changed, this.call);
    this.tasks = new Tasks(changed, this.call);
    this.pictures = new Pictures(this.call, changed);
    this.preferences = new PreferencesOf(changed, this.call);
    this.sieve = new Sieve(changed);
    this.alerts = new Alerts(changed, come);
    this.connection = new Connection(this.store, this.handovers, (session) => this.begin(session), (news) => this.heed(news));
  }

  /** Nothing of who was here before; and not everybody at once when a gateway comes back. */
  private begin({ user, language }: SessionConfirm): void {
    const known = this.user === user.id;
    this.user = user.id;
    if (!known) this.clear();
    this.greet(language);
    this.tasks.look(known ? Math.random() * BACK_MS : 0);
    if (!known) void this.preferences.refresh();
  }

  private clear(): void {
    this.tasks.clear();
    this.preferences.clear();
    this.pictures.clear();
  }

  async signOut(): Promise<void> {
    await this.call("DELETE", "/api/sessions"); // a gateway that does not answer does not keep anybody here
    this.connection.close();
    this.connection.forget();
    this.user = "";
    this.clear();
    this.store.clear();
    this.store.enter("signed_out");
  }

  /** Something came in over the line: whoever looks elsewhere is called, and what waits may have changed. */
  private heed(come: Message | Notification): void {
    const t = translator(this.where().language);
    if ("content" in come || come.card) this.tasks.look();
    const { silent, order } = come as Notification;
    if (silent) return;
    const alert: Alert = "content" in come
      ? { id: come.id, title: order ?? t("notices"), text: contentOf(come, this.where().language) }
      : { id: come.id, title: t("title"), text: come.text || come.card?.title || "" };
    this.alerts.tell(alert);
  }

  /** The whole conversation as a file. */
  async take(make: typeof asText, ending: string): Promise<void> {
    const name = this.store.user?.name ?? "";
    try {
      hand(make(await wholeOf(this.store.conversation, this.call), name, this.where().language), `deskhand-${new Date().toISOString().slice(0, 10)}.${ending}`);
    } catch (error) {
      this.preferences.code = (error as Error).message;
      this.changed();
    }
  }
}
