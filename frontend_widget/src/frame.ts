// What stands around the conversation: launcher, header, tabs and the banner. Knows nothing of messages.
import { html, nothing, type TemplateResult } from "lit";
import type { Phase } from "./types.js";
import type { TextKey, Translate } from "./i18n.js";

export type Tab = "chat" | "notices";

const chatIcon = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 5h14a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 19 17h-8l-4.5 3.5V17H5a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 5 5Z" /><path d="M8 9.5h8M8 12.8h5" /></svg>`;

/** A count as people see and hear it: the figure, and the word for those who only hear. */
function badge(t: Translate, unread: number): TemplateResult | typeof nothing {
  return unread ? html` <span class="badge">${unread > 99 ? "99+" : unread}</span><span class="sr"> ${t("unreadWord")}</span>` : nothing;
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
      <svg viewBox="0 0 20 20" aria-hidden="true"><path d="M8 3.5H4.5v13H8M9 10h8M13.5 6.5 17 10l-3.5 3.5" /></svg>
    </button>
    <button type="button" class="minimise" aria-label=${t("minimise")} title=${t("minimise")} @click=${acts.minimise}>
      <svg viewBox="0 0 20 20" aria-hidden="true"><path d="m5 8 5 5 5-5" /></svg>
    </button>
  </header>`;
}

export function tabs(t: Translate, chosen: Tab, unread: number, choose: (tab: Tab) => void): TemplateResult {
  const tab = (name: Tab, key: TextKey) => html`<button type="button" role="tab" id="tab-${name}" aria-controls="view-${name}"
      aria-selected=${chosen === name ? "true" : "false"} tabindex=${chosen === name ? 0 : -1} @click=${() => choose(name)}>
    ${t(key)}${badge(t, name === "notices" ? unread : 0)}
  </button>`;
  const turn = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other: Tab = chosen === "chat" ? "notices" : "chat";
    choose(other);
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`#tab-${other}`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${t("title")} @keydown=${turn}>${tab("chat", "chat")}${tab("notices", "notices")}</div>`;
}

/** The same nodes beside each other and under tabs, so that turning a tablet loses nothing that was typed. */
export function pane(name: Tab, beside: boolean, chosen: Tab, content: TemplateResult): TemplateResult {
  return html`<div id="view-${name}" class="view" role=${beside ? nothing : "tabpanel"} aria-labelledby=${beside ? nothing : `tab-${name}`}
    ?hidden=${!beside && chosen !== name}>${content}</div>`;
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
