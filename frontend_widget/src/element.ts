// <deskhand-chat>: puts state, views and the line to the gateway together. Everything else lies in its own module.
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Language } from "./types.js";
import { Attention } from "./attention.js";
import { Composer } from "./composer.js";
import { Desk } from "./desk.js";
import { banner, header, launcher, tabs, type Tab } from "./frame.js";
import { handoverView } from "./handover-view.js";
import { asLanguage, translator } from "./i18n.js";
import { rememberLanguage, rememberedLanguage } from "./memory.js";
import { logView } from "./messages.js";
import { panes } from "./panes.js";
import { Printing } from "./printing.js";
import { Reading } from "./reading.js";
import { Announcer } from "./session.js";
import { styles } from "./styles.js";
import { uploadView } from "./upload-view.js";
import { Upload } from "./upload.js";
import type { Acts, View } from "./view.js";

/** From this width on a page shows the notices beside the conversation. */
const WIDE = 860;

export class DeskhandChat extends LitElement {
  static override styles = styles;
  static override properties = {
    server: {}, token: {}, language: { reflect: true }, open: { type: Boolean, reflect: true }, mode: { reflect: true },
    tab: { state: true }, wide: { state: true },
  };

  declare server: string;
  declare token: string;
  declare language: string;
  declare open: boolean;
  declare mode: "panel" | "page";
  declare private tab: Tab;
  declare private wide: boolean;

  private readonly changed = (): void => this.requestUpdate();
  private readonly where = () => ({ server: this.server, token: this.token, language: this.spoken });
  private readonly desk = new Desk(this.changed, this.where, (language) => this.greet(language), () => void this.toggle(true));
  private readonly store = this.desk.store;
  private readonly connection = this.desk.connection;
  private readonly attention = new Attention(this.changed);
  private readonly printing = new Printing(this, () => this.mode === "page");
  private readonly upload = new Upload(this.changed, this.where);
  private readonly composer = new Composer("input", (text) => this.act.say(text), () => this.connection.tellTyping(), this.upload.send);
  private readonly size = new ResizeObserver(([entry]) => { this.wide = (entry?.contentRect.width ?? 0) >= WIDE; });
  private readonly announcer = new Announcer(this);
  private readonly reading = new Reading(this.changed);
  private served: Language | null = null; // what the server knows of the user's language
  private ticking: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.server = this.token = this.language = "";
    this.open = this.wide = false;
    this.mode = "panel";
    this.tab = "chat";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.attention.watch();
    this.printing.watch();
    this.size.observe(this);
    addEventListener("online", this.connection.hurry);
    // Cards expire by the clock, not by a message.
    this.ticking = setInterval(() => this.requestUpdate(), 15_000);
    if (this.hasUpdated) this.connection.open(this.server, this.token);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.attention.release();
    this.printing.release();
    this.size.disconnect();
    removeEventListener("online", this.connection.hurry);
    clearInterval(this.ticking);
    this.connection.close();
  }

  /** Ends the session on the server and forgets what this browser kept of it. */
  readonly signOut = (): Promise<void> => this.desk.signOut();

  private get spoken(): Language {
    return asLanguage(this.language) ?? rememberedLanguage() ?? this.served ?? asLanguage(navigator.language) ?? "en";
  }

  private get shown(): boolean {
    return this.mode === "page" || this.open;
  }

  /** The attribute decides, then this browser's last choice, then what the server knows of the user. */
  private greet(language: Language | undefined): void {
    this.served = language ?? null;
    if (this.spoken !== language) this.connection.setLanguage(this.spoken);
  }

  private readonly act: Acts = {
    say: (text) => { this.desk.handovers.back = false; this.reading.follow(); this.connection.outbox.add({ text }, text); },
    press: (id, { id: action, label }) => {
      if (!this.store.pressed.has(id)) this.connection.outbox.add({ card: { id, action } }, label);
    },
    propose: (text) => this.composer.propose(text),
    ask: (order) => {
      this.choose("chat");
      void this.updateComplete.then(() => this.composer.propose(translator(this.spoken)("query", { order })));
    },
    again: (entry) => { this.store.remove(entry.id); this.act.say(entry.text); },
    edit: (entry) => { this.store.remove(entry.id); this.composer.propose(entry.text); },
    acknowledge: (seq) => this.connection.acknowledge(seq),
    picture: (address) => this.desk.pictures.of(address),
    change: (card, said) => {
      this.store.editing = card?.id ?? null;
      said.forEach((text) => this.act.say(text));
      this.requestUpdate();
    },
  };

  private async toggle(open: boolean): Promise<void> {
    this.open = open;
    this.reading.follow();
    await this.updateComplete;
    if (open) this.composer.focus();
    else this.renderRoot.querySelector<HTMLElement>(".launcher")?.focus();
  }

  /** Opening and leaving the list reads it; the marks stay while it is open. */
  private choose(tab: Tab): void {
    if (tab === this.tab) return;
    const read = tab === "notices" || this.tab === "notices";
    this.tab = tab;
    this.reading.follow();
    if (tab === "tasks") void this.desk.tasks.refresh();
    if (tab === "settings") void this.desk.preferences.refresh();
    if (!read || this.wide) return;
    this.store.notices.keepMarks(tab === "notices");
    this.connection.acknowledge(this.store.notices.latest());
  }

  private readonly escape = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !event.isComposing && this.mode === "panel") void this.toggle(false);
  };

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("server") || changed.has("token")) this.connection.open(this.server, this.token);
    if (this.hasUpdated && changed.has("language") && asLanguage(this.language)) {
      rememberLanguage(this.spoken);
      this.connection.setLanguage(this.spoken);
    }
    if (this.shown && this.attention.visible && (this.wide || this.tab === "chat") && this.reading.atEnd) this.store.see();
  }

  protected override updated(): void {
    this.reading.settle(this.renderRoot.querySelector(".log"), this.store.unreadMessages());
    const unread = this.unread();
    this.attention.show(unread);
    this.announcer.tell({ user: this.store.user, phase: this.store.phase, language: this.spoken, unread });
  }

  private unread(): number {
    return this.store.unreadMessages() + this.store.notices.unread();
  }

  protected override render(): TemplateResult {
    const t = translator(this.spoken);
    const view: View = { store: this.store, language: this.spoken, t, act: this.act };
    const page = this.mode === "page";
    const beside = page && this.wide;
    const tab = beside && this.tab === "chat" ? "notices" : this.tab;
    return html`
      <section id="panel" class="panel" lang=${this.spoken === "zh" ? "zh-CN" : "en"} aria-label=${t("title")} ?data-wide=${beside}
          ?inert=${!this.shown} @keydown=${this.escape}>
        ${page ? nothing : header(t, this.store.phase, {
          switchLanguage: () => { this.language = this.spoken === "zh" ? "en" : "zh"; },
          signOut: () => void this.signOut(),
          minimise: () => void this.toggle(false),
        })}
        ${banner(t, this.store.phase, this.announcer.askForSignIn)}
        ${tabs(t, tab, { tasks: this.desk.tasks.items.length, notices: this.store.notices.unread() }, beside, (chosen) => this.choose(chosen))}
        ${panes(this.desk, view, tab, beside, this.chat(view), this.printing.print)}
      </section>
      ${page ? nothing : launcher(t, this.open, this.unread(), () => void this.toggle(!this.open))}`;
  }

  private chat(view: View): TemplateResult {
    const { upload: { drag } } = this;
    return html`<div class="chat" ?data-desk=${this.desk.handovers.open} @dragover=${drag} @dragleave=${drag} @drop=${drag}>
      ${handoverView(this.desk.handovers, view, this.reading.scrolled)}
      ${logView(view, this.reading.scrolled)}
      ${this.reading.behind ? html`<button type="button" class="newer" @click=${this.toEnd}>${view.t("newer")} ↓</button>` : nothing}
      ${uploadView(this.upload, view)} ${this.composer.view(view.t, this.store.phase === "signed_out")}
    </div>`;
  }

  private readonly toEnd = (): void => { this.reading.follow(); this.composer.focus(); };
}

if (!customElements.get("deskhand-chat")) customElements.define("deskhand-chat", DeskhandChat);
