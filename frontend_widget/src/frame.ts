// What stands around the conversation: launcher, header, tabs and the banner. Knows nothing of messages.
import { html, nothing, type TemplateResult } from "lit";
import type { Phase } from "./types.js";
import type { TextKey, Translate } from "./i18n.js";

export type Tab = "chat" | "tasks" | "notices" | "settings";

const TABS: readonly Tab[] = ["chat", "tasks", "notices", "settings"];

const chatIcon = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 5h14a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 19 17h-8l-4.5 3.5V17H5a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 5 5Z" /><path d="M8 9.5h8M8 12.8h5" /></svg>`;

/** A count as people see and hear it: the figure, and the word for those who only hear. */
function badge(t: Translate, count: number, word: TextKey = "unreadWord"): TemplateResult | typeof nothing {
  return count ? html` <span class="badge">${count > 99 ? "99+" : count}</span><span class="sr"> ${t(word)}</span>` : nothing;
}

export function launcher(t: Translate, open: boolean, unread: number, toggle: () => void): TemplateResult {
  return html`<button type="button" class="launcher" aria-expanded=${open ? "true" : "false"} aria-controls="panel" @click=${toggle}>
    ${chatIcon} <span class="sr">${t(open ? "minimise" : "open")}</span>${badge(t, open ? 0 : unread)}
  </button>`;
}

export interface HeaderActs {
  switchLanguage(): void;
  signOut(): void;
  minimise(): void;
}

export function header(t: Translate, phase: Phase, acts: HeaderActs): TemplateResult {
  return html`<header class="bar">
    <span class="line" data-phase=${phase} aria-hidden="true"></span>
    <h1>${t("title")}</h1>
    <button type="button" class="language" title=${t("language")} @click=${acts.switchLanguage}>${t("otherLanguage")}</button>
    <button type="button" class="sign-out" aria-label=${t("signOut")} title=${t("signOut")} @click=${acts.signOut}>
      <svg class="turns" viewBox="0 0 20 20" aria-hidden="true"><path d="M8 3.5H4.5v13H8M9 10h8M13.5 6.5 17 10l-3.5 3.5" /></svg>
    </button>
    <button type="button" class="minimise" aria-label=${t("minimise")} title=${t("minimise")} @click=${acts.minimise}>
      <svg viewBox="0 0 20 20" aria-hidden="true"><path d="m5 8 5 5 5-5" /></svg>
    </button>
  </header>`;
}

/** Beside the conversation there is one tab less. */
export function tabs(t: Translate, chosen: Tab, counts: Partial<Record<Tab, number>>, beside: boolean, choose: (tab: Tab) => void): TemplateResult {
  const names = beside ? TABS.slice(1) : TABS;
  const tab = (name: Tab) => html`<button type="button" role="tab" id="tab-${name}" aria-controls="view-${name}"
      aria-selected=${chosen === name ? "true" : "false"} tabindex=${chosen === name ? 0 : -1} @click=${() => choose(name)}>
    ${t(name)}${badge(t, counts[name] ?? 0, name === "tasks" ? "waitingWord" : "unreadWord")}
  </button>`;
  const turn = (event: KeyboardEvent): void => {
    const list = event.currentTarget as HTMLElement;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const forward = getComputedStyle(list).direction === "rtl" ? -step : step;
    const other = names[(names.indexOf(chosen) + forward + names.length) % names.length]!;
    choose(other);
    list.querySelector<HTMLElement>(`#tab-${other}`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${t("title")} @keydown=${turn}>${names.map(tab)}</div>`;
}

/** The same nodes beside each other and under tabs, so that turning a tablet loses nothing that was typed. */
export function pane(name: Tab, beside: boolean, chosen: Tab, content: TemplateResult | typeof nothing): TemplateResult {
  const alone = beside && name === "chat";
  return html`<div id="view-${name}" class="view" role=${alone ? nothing : "tabpanel"} aria-labelledby=${alone ? nothing : `tab-${name}`}
    ?hidden=${!alone && chosen !== name}>${content}</div>`;
}

const BANNERS: Partial<Record<Phase, TextKey>> = { offline: "offline", signed_out: "signedOut" };

/** The region is always there, so that a screen reader hears it change. */
export function banner(t: Translate, phase: Phase, signIn: () => void): TemplateResult {
  const key = BANNERS[phase];
  return html`<div class="banner" role="status" data-phase=${phase}>
    ${key ? html`<span>${t(key)}</span>` : nothing}
    ${phase === "signed_out" ? html`<button type="button" class="plain" @click=${signIn}>${t("signIn")}</button>` : nothing}
  </div>`;
}
