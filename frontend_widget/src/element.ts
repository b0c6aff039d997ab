// <deskhand-chat>: puts state, views and the line to the gateway together. Everything else lies in its own module.
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Language } from "./types.js";
import { caller } from "./api.js";
import { Attention } from "./attention.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { banner, header, launcher, pane, tabs, type Tab } from "./frame.js";
import { handoverView } from "./handover-view.js";
import { Handovers } from "./handovers.js";
import { asLanguage, translator } from "./i18n.js";
import { rememberLanguage, rememberedLanguage } from "./memory.js";
import { logView } from "./messages.js";
import { noticesView } from "./notifications.js";
import { Reading } from "./reading.js";
import { Announcer } from "./session.js";
import { Store } from "./store.js";
import { cardStyles } from "./styles-card.js";
import { frameStyles } from "./styles-frame.js";
import { logStyles } from "./styles-log.js";
import { theme } from "./styles-theme.js";
import { uploadView } from "./upload-view.js";
import { Upload } from "./upload.js";
import type { Acts, View } from "./view.js";

/** From this width on a page shows the notices beside the conversation. */
const WIDE = 860;

export class DeskhandChat extends LitElement {
  static override styles = [theme, frameStyles, logStyles, cardStyles];
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

  private readonly store = new Store(() => this.requestUpdate());
  private readonly attention = new Attention(() => this.requestUpdate());
  private readonly call = caller(() => this);
  private readonly handovers = new Handovers(() => this.requestUpdate(), this.call);
  private readonly connection = new Connection(this.store, this.handovers, (session) => this.greet(session.language));
  private readonly upload = new Upload(() => this.requestUpdate(), () => ({ server: this.server, token: this.token, language: this.spoken }));
  private readonly composer = new Composer("input", (text) => this.act.say(text), () => this.connection.tellTyping(), this.upload.send);
  private readonly size = new ResizeObserver(([entry]) => { this.wide = (entry?.contentRect.width ?? 0) >= WIDE; });
  private readonly announcer = new Announcer(this);
  private readonly reading = new Reading(() => this.requestUpdate());
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
    this.size.observe(this);
    addEventListener("online", this.hurry);
    // Cards expire by the clock, not by a message.
    this.ticking = setInterval(() => this.requestUpdate(), 15_000);
    if (this.hasUpdated) this.connection.open(this.server, this.token);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.attention.release();
    this.size.disconnect();
    removeEventListener("online", this.hurry);
    clearInterval(this.ticking);
    this.connection.close();
  }

  /** Ends the session on the server and forgets what this browser kept of it. */
  async signOut(): Promise<void> {
    await this.call("DELETE", "/api/sessions"); // a gateway that does not answer does not keep anybody here
    this.connection.close();
    this.connection.forget();
    this.store.clear();
    this.store.enter("signed_out");
  }

  private readonly hurry = (): void => this.connection.hurry();
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
    say: (text) => { this.handovers.back = false; this.reading.follow(); this.connection.outbox.add({ text }, text); },
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
    this.tab = tab;
    this.reading.follow();
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
    return html`
      <section id="panel" class="panel" lang=${this.spoken === "zh" ? "zh-CN" : "en"} aria-label=${t("title")} ?data-wide=${beside}
          ?inert=${!this.shown} @keydown=${this.escape}>
        ${page ? nothing : header(t, this.store.phase, {
          switchLanguage: () => { this.language = this.spoken === "zh" ? "en" : "zh"; },
          signOut: () => void this.signOut(),
          minimise: () => void this.toggle(false),
        })}
        ${banner(t, this.store.phase, this.announcer.askForSignIn)}
        ${beside ? nothing : tabs(t, this.tab, this.store.notices.unread(), (tab) => this.choose(tab))}
        ${pane("chat", beside, this.tab, this.chat(view))} ${pane("notices", beside, this.tab, noticesView(view))}
      </section>
      ${page ? nothing : launcher(t, this.open, this.unread(), () => void this.toggle(!this.open))}`;
  }

  private chat(view: View): TemplateResult {
    const { upload: { drag } } = this;
    return html`<div class="chat" ?data-desk=${this.handovers.open} @dragover=${drag} @dragleave=${drag} @drop=${drag}>
      ${handoverView(this.handovers, view, this.reading.scrolled)}
      ${logView(view, this.reading.scrolled)}
      ${this.reading.behind ? html`<button type="button" class="newer" @click=${this.toEnd}>${view.t("newer")} ↓</button>` : nothing}
      ${uploadView(this.upload, view)} ${this.composer.view(view.t, this.store.phase === "signed_out")}
    </div>`;
  }

  private readonly toEnd = (): void => {
    this.reading.follow();
    this.composer.focus();
  };
}

if (!customElements.get("deskhand-chat")) customElements.define("deskhand-chat", DeskhandChat);
