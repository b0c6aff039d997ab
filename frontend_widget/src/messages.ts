// The conversation log. Knows nothing of the socket.
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Entry } from "./types.js";
import type { View } from "./view.js";
import { cardView } from "./card.js";
import { errorText, exampleTexts } from "./i18n-codes.js";
import { markdown } from "./markdown.js";
import { picturesOf, withoutPictures } from "./picture.js";
import { clockTime, dayName, sameDay } from "./time.js";

/** Refusals where saying the same again can help. */
const WORTH_REPEATING = new Set(["too_many_requests", "too_many_messages", "bot_unavailable", "internal_error", "unknown"]);

export function logView(view: View, onScroll: (event: Event) => void): TemplateResult {
  const { store, t } = view;
  const shown = store.entries.filter((entry) => entry.kind !== "in" || entry.text);
  return html`<div class="log" role="log" aria-label=${t("log")} aria-live="polite" tabindex="0" @scroll=${onScroll}>
    ${shown.length ? nothing : welcome(view)}
    ${repeat(shown, (entry) => entry.id, (entry, index) => [dayLine(entry, shown[index - 1], view), row(entry, shown[index - 1], view)])}
    ${store.typing.size ? html`<div class="typing"><span class="sr">${t("typing")}</span><i></i><i></i><i></i></div>` : nothing}
    ${quickReplies(shown, view)}
  </div>`;
}

function welcome({ store, language, t, act }: View): TemplateResult {
  const role = store.user?.role;
  return html`<div class="welcome">
    <h2>${t("welcome")}</h2>
    <p>${t("welcomeMore")}</p>
    ${role ? html`<p class="label" id="examples">${t("examples")}</p>
      <ul aria-labelledby="examples">${exampleTexts(role, language).map((text) =>
        html`<li><button type="button" class="example" @click=${() => act.propose(text)}>${text}</button></li>`)}</ul>` : nothing}
  </div>`;
}

function dayLine(entry: Entry, before: Entry | undefined, { language }: View): TemplateResult | typeof nothing {
  if (before && sameDay(before.at, entry.at)) return nothing;
  return html`<p class="day">${dayName(entry.at, language)}</p>`;
}

function row(entry: Entry, before: Entry | undefined, view: View): TemplateResult {
  if (entry.kind === "notice") return html`<p class="notice" data-code=${entry.code ?? ""}>${errorText(entry.code ?? "", view.language)}</p>`;
  const follows = before?.kind === entry.kind && sameDay(before.at, entry.at);
  return html`<div class="message ${entry.kind}" data-id=${entry.id} data-delivery=${entry.delivery} ?data-follows=${follows}
      lang=${entry.language ?? nothing}>
    <span class="sr">${entry.by ?? view.t(entry.kind === "in" ? "you" : "bot")}:</span>
    ${body(entry, view)} ${entry.card ? cardView(entry.card, view) : nothing} ${meta(entry, view)}
  </div>`;
}

function body(entry: Entry, view: View): TemplateResult | typeof nothing {
  if (!entry.text) return nothing;
  // What people typed is shown as they typed it; only the bot speaks Markdown.
  return entry.kind === "in" || entry.by
    ? html`<div class="bubble typed" dir="auto">${entry.text}</div>`
    : html`<div class="bubble" dir="auto">${markdown(withoutPictures(entry.text))}${picturesOf(entry.text, view)}</div>`;
}

function meta(entry: Entry, view: View): TemplateResult {
  const { t, language } = view;
  if (entry.delivery === "refused") return refusal(entry, view);
  return html`<p class="meta">
    ${entry.by ? html`<span aria-hidden="true">${entry.by}</span>` : nothing}
    <time datetime=${entry.at}>${clockTime(entry.at, language)}</time>
    ${entry.delivery === "waiting" ? html`<span class="waiting">${t("waiting")}</span>` : nothing}
  </p>`;
}

function refusal(entry: Entry, { t, language, act }: View): TemplateResult {
  const repeatable = WORTH_REPEATING.has(entry.code ?? "unknown");
  return html`<p class="meta refused">
    <span>${t("refused")}${language === "zh" ? "：" : ": "}${errorText(entry.code ?? "", language)}</span>
    <button type="button" class="plain" @click=${() => (repeatable ? act.again(entry) : act.edit(entry))}>
      ${t(repeatable ? "again" : "edit")}</button>
  </p>`;
}

/** Only below the last answer of the bot: an old suggestion would answer a question nobody asks any more. */
function quickReplies(shown: Entry[], { t, act }: View): TemplateResult | typeof nothing {
  const last = shown.at(-1);
  const replies = last?.kind === "out" ? shown.filter((entry) => entry.turn === last.turn).flatMap((entry) => entry.quickReplies) : [];
  if (!replies.length) return nothing;
  return html`<div class="quick" role="group" aria-label=${t("quick")}>
    ${replies.map((reply) => html`<button type="button" @click=${() => act.say(reply.text)}>${reply.title}</button>`)}
  </div>`;
}
