// Conversations with a person in the bot's place: the user's own, and those of others that a colleague may take.
// Knows nothing of rendering.
import type { Handover, Message, Offer, SessionConfirm, Standing } from "./types.js";
import { problemCode, type Call } from "./api.js";
import { Composer } from "./composer.js";
import { newId } from "./outbox.js";
import { Store } from "./store.js";

const ALL = "/api/handovers";

export class Handovers {
  /** Who has the user's own conversation. */
  standing: Standing = { state: "bot", name: null };
  /** The bot has just come back. */
  back = false;
  items: Handover[] = [];
  open = false;
  current: Handover | null = null;
  /** What could be said at once in it. */
  offers: Offer[] = [];
  /** Why the last thing that was done is not done. */
  code = "";
  readonly talk: Store;
  readonly composer = new Composer("reply", (text) => void this.reply(text), () => undefined);
  /** What could not be said yet, with the key under which it is said once however often it is tried. */
  private unsaid = { to: "", text: "", key: "" };
  private user = "";
  private may = false;

  constructor(private readonly changed: () => void, private readonly call: Call) {
    this.talk = new Store(changed);
  }

  begin(session: SessionConfirm): void {
    this.user = session.user.id;
    this.may = !!session.takes_handovers;
    this.standing = session.handover ?? this.standing;
    this.back = false;
    void this.refresh();
    if (this.current) void this.show(this.current);
  }

  stand(standing: Standing): void {
    this.back = standing.state === "bot" && this.standing.state === "person";
    this.standing = standing;
    this.changed();
  }

  clear(): void {
    this.items = [];
    this.may = this.open = false;
    this.current = null;
  }

  isMine(one: Handover): boolean {
    return one.state === "taken" && one.taken_by_id === this.user;
  }

  readonly toggle = (): void => {
    this.open = !this.open;
    this.code = "";
    this.changed();
  };

  readonly refresh = async (): Promise<void> => {
    const got = this.may ? await this.call("GET", ALL) : undefined;
    if (!got?.ok) return;
    this.items = ((await got.json()) as { items: Handover[] }).items;
    const { current } = this;
    if (current) this.current = this.items.find((one) => one.id === current.id) ?? { ...current, state: "closed" };
    this.changed();
  };

  /** One with what was said in it; null goes back to the list. */
  async show(one: Handover | null): Promise<void> {
    if (one?.id !== this.current?.id) this.talk.entries = [];
    this.current = one;
    this.code = "";
    this.offers = [];
    this.changed();
    const got = one && (await this.call("GET", `${ALL}/${one.id}`));
    if (!got?.ok) return;
    const { messages, offers } = (await got.json()) as { messages: Message[]; offers?: Offer[] };
    for (const message of messages) this.hear(one!.conversation, message);
    this.offer(one!.conversation, offers ?? []);
  }

  offer(conversation: string, offers: Offer[]): void {
    if (this.current?.conversation !== conversation) return;
    this.offers = offers;
    this.changed();
  }

  /** Says what was offered as it stands. */
  readonly use = (offer: Offer): void => {
    this.composer.focus();
    void this.reply(offer.text);
  };

  hear(conversation: string, message: Message): void {
    const { current } = this;
    if (current?.conversation !== conversation) return;
    // Seen from the desk: what the customer says comes from the other side, what the bot or a colleague says from here.
    const theirs = message.direction === "in";
    const by = theirs ? current.who : (message.by ?? "Deskhand");
    this.talk.receive({ ...message, by, direction: theirs ? "out" : "in", text: message.text || message.card?.title || "", card: null, quick_replies: [] });
  }

  async act(name: "claim" | "return" | "close" | "reply", body = {}, key = newId()): Promise<boolean> {
    const { current } = this;
    const got = current && (await this.call("POST", `${ALL}/${current.id}/${name}`, body, key));
    this.code = await problemCode(got);
    this.changed();
    if (name !== "reply" || this.code) await this.refresh();
    if (!this.code && name === "reply") this.offer(current!.conversation, []);
    if (!this.code && name === "claim") {
      await this.show(this.current);
      setTimeout(() => this.composer.focus());
    }
    else if (!this.code && name !== "reply") await this.show(null);
    return !this.code;
  }

  private async reply(text: string): Promise<void> {
    const to = this.current?.id ?? "";
    if (this.unsaid.to !== to || this.unsaid.text !== text) this.unsaid = { to, text, key: newId() };
    if (await this.act("reply", { text }, this.unsaid.key)) this.unsaid.key = this.unsaid.to = "";
    else this.composer.propose(text);
  }
}
