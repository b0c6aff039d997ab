// The list of notices: what happened to the orders that concern this user. Knows nothing of the socket.
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Notification } from "./types.js";
import type { View } from "./view.js";
import { roleName } from "./i18n.js";
import { shortMoment } from "./time.js";

export function noticesView(view: View): TemplateResult {
  const { store, t, act } = view;
  const { notices } = store;
  const unread = notices.unread();
  return html`<div class="notices">
    <div class="notices-head">
      <h2>${t("notices")}</h2>
      ${unread ? html`<span class="unread-count">${t("unread", { n: unread })}</span>
        <button type="button" class="plain read-all" @click=${() => act.acknowledge(notices.latest())}>${t("readAll")}</button>` : nothing}
    </div>
    ${notices.items.length
      ? html`<ul tabindex="0" aria-label=${t("notices")}>${repeat(notices.items, (item) => item.id, (item) => row(item, view))}</ul>`
      : html`<p class="empty">${t("noNotices")}</p>`}
  </div>`;
}

function row(item: Notification, view: View): TemplateResult {
  const { store, language, t } = view;
  const unread = store.notices.isMarked(item);
  const content = typeof item.content === "string" ? item.content : item.content[language];
  return html`<li class="notification" data-kind=${item.kind ?? ""} ?data-unread=${unread}>
    ${unread ? html`<span class="dot"><span class="sr">${t("isNew")}</span></span>` : nothing}
    <p class="content">${content}</p>
    <p class="meta">
      ${item.order ? orderButton(item.order, view) : nothing}
      <span>${[item.sender ? roleName(item.sender, language) : "", shortMoment(item.at, language)].filter(Boolean).join(" · ")}</span>
    </p>
  </li>`;
}

function orderButton(order: string, { t, act }: View): TemplateResult {
  return html`<button type="button" class="order" aria-label=${t("ask", { order })} title=${t("ask", { order })}
    @click=${() => act.ask(order)}>${order}</button>`;
}
