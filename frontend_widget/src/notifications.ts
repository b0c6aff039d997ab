// The list of notices, by order: what happened to the orders that concern this user. Knows nothing of the socket.
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Notification } from "./types.js";
import type { PreferencesOf } from "./preferences.js";
import type { View } from "./view.js";
import { roleName } from "./i18n-codes.js";
import { shortMoment } from "./time.js";

/** What of the list is wanted; a page begins with all of it. */
export class Sieve {
  kind = "";
  unread = false;
  order = "";

  constructor(private readonly changed: () => void) {}

  set(name: "kind" | "order" | "unread", event: Event): void {
    const { value, checked } = event.target as HTMLInputElement;
    if (name === "unread") this.unread = checked;
    else this[name] = value;
    this.changed();
  }
}

export function noticesView(view: View, sieve: Sieve, preferences: PreferencesOf): TemplateResult {
  const { store: { notices }, t, act } = view;
  const unread = notices.unread();
  const order = sieve.order.trim().toLowerCase();
  const shown = notices.items.filter((item) => (!sieve.unread || notices.isMarked(item)) && (!order || item.order?.toLowerCase().includes(order))
    && (!sieve.kind || preferences.topicOf(item)?.kind === sieve.kind));
  return html`<div class="notices">
    <h2 class="sr">${t("notices")}</h2>
    ${unread ? html`<div class="notices-head"><span class="unread-count">${t("unread", { n: unread })}</span>
      <button type="button" class="plain read-all" @click=${() => act.acknowledge(notices.latest())}>${t("readAll")}</button></div>` : nothing}
    ${notices.items.length ? filter(view, sieve, preferences) : nothing}
    ${shown.length
      ? html`<ul tabindex="0" aria-label=${t("notices")}>${repeat(byOrder(shown), ([key]) => key, ([, items]) => group(items, view))}</ul>`
      : html`<p class="empty" role="status">${t(notices.items.length ? "noneFits" : "noNotices")}</p>`}
  </div>`;
}

function filter({ store: { notices }, t, language }: View, sieve: Sieve, preferences: PreferencesOf): TemplateResult {
  const kinds = new Map(notices.items.map((item) => preferences.topicOf(item)).filter((topic) => !!topic).map((topic) => [topic.kind, topic.label]));
  return html`<div class="sieve" role="search" aria-label=${t("filter")}>
    <input type="search" name="order" aria-label=${t("orderNumber")} placeholder=${t("orderNumber")} .value=${sieve.order} @input=${(event: Event) => sieve.set("order", event)} />
    ${kinds.size > 1 ? html`<select name="kind" aria-label=${t("kind")} @change=${(event: Event) => sieve.set("kind", event)}>
      <option value="">${t("allKinds")}</option>${[...kinds].map(([kind, label]) => html`<option value=${kind} ?selected=${sieve.kind === kind}>${label[language]}</option>`)}
    </select>` : nothing}
    <label class="tick"><input type="checkbox" name="unread" .checked=${sieve.unread} @change=${(event: Event) => sieve.set("unread", event)} /> ${t("unreadOnly")}</label>
  </div>`;
}

/** Newest order first, and in each its newest notice; what is of no order stands by itself. */
function byOrder(items: Notification[]): [string, Notification[]][] {
  const groups = new Map<string, Notification[]>();
  for (const item of items) {
    const key = item.order ?? item.id;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups];
}

function group(items: Notification[], view: View): TemplateResult {
  const order = items[0]!.order;
  return html`<li class="group">
    ${order ? html`<h3>${orderButton(order, view)}${items.length > 1 ? html` <span>${view.t("times", { n: items.length })}</span>` : nothing}</h3>` : nothing}
    <ul>${repeat(items, ({ id }) => id, (item) => row(item, view))}</ul>
  </li>`;
}

function row(item: Notification, view: View): TemplateResult {
  const { store, language, t } = view;
  const unread = store.notices.isMarked(item);
  return html`<li class="notification" data-kind=${item.kind ?? ""} ?data-unread=${unread}>
    ${unread ? html`<span class="dot"><span class="sr">${t("isNew")}</span></span>` : nothing}
    <p class="content">${contentOf(item, language)}</p>
    <p class="meta"><span>${[item.sender ? roleName(item.sender, language) : "", shortMoment(item.at, language)].filter(Boolean).join(" · ")}</span></p>
  </li>`;
}

export const contentOf = ({ content }: Notification, language: View["language"]): string => (typeof content === "string" ? content : content[language]);

function orderButton(order: string, { t, act }: View): TemplateResult {
  return html`<button type="button" class="order" aria-label=${t("ask", { order })} title=${t("ask", { order })}
    @click=${() => act.ask(order)}>${order}</button>`;
}
