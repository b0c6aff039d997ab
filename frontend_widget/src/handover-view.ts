// Who has the conversation, and for colleagues the queue of those who want a person. Knows nothing of the gateway.
import { html, nothing, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Handover, Offer } from "./types.js";
import type { Handovers } from "./handovers.js";
import type { View } from "./view.js";
import { type TextKey } from "./i18n.js";
import { errorText } from "./i18n-codes.js";
import { logView } from "./messages.js";
import { shortMoment } from "./time.js";

type Part = TemplateResult | typeof nothing;

/** What takes the place of the button that was pressed takes the focus too. */
const focused = ref((element) => (element as HTMLElement | undefined)?.focus());

const button = (text: string, click: () => unknown): TemplateResult =>
  html`<button type="button" class="plain" @click=${click}>${text}</button>`;

/** The region is always there, so that a screen reader hears it change. */
export function handoverView(desk: Handovers, view: View, scrolled: (event: Event) => void): TemplateResult {
  const { t, act } = view;
  const { state, name } = desk.standing;
  const said = state === "person" ? t("talkingTo", { name: name ?? "" }) : state === "waiting" ? t("awaited") : desk.back ? t("botBack") : "";
  const waiting = desk.items.filter((one) => one.state === "waiting").length;
  return html`<div class="standing" role="status">${said ? html`<span>${said}</span>` : nothing}
      ${state === "bot" ? nothing : button(t("backToBot"), () => act.say(t("backToBot")))}</div>
    ${desk.items.length || desk.open
      ? html`<button type="button" class="queue" aria-expanded=${desk.open ? "true" : "false"} @click=${desk.toggle}>${t("waitingFor", { n: waiting })}</button>`
      : nothing}
    ${desk.open ? html`<section class="desk" aria-label=${t("queue")}>
      ${desk.current ? talk(desk, desk.current, view, scrolled) : list(desk, view)}
      ${desk.code ? html`<p class="notice" role="alert">${errorText(desk.code, view.language)}</p>` : nothing}
    </section>` : nothing}`;
}

function list(desk: Handovers, view: View): TemplateResult {
  return desk.items.length
    ? html`<ul tabindex="-1" ${focused}>${desk.items.map((one) => html`<li><button type="button" class="example" @click=${() => desk.show(one)}>
        <b>${one.who}</b> ${facts(one, view)}</button></li>`)}</ul>`
    : html`<p class="empty" tabindex="-1" ${focused}>${view.t("nobodyWaits")}</p>`;
}

function facts(one: Handover, { t, language }: View): string {
  const has = one.state === "taken" ? t("takenBy", { name: one.taken_by ?? "" }) : one.state === "closed" ? t("over") : "";
  return [t(`why_${one.reason}` as TextKey), shortMoment(one.asked_at, language), has].filter(Boolean).join(" · ");
}

function talk(desk: Handovers, one: Handover, view: View, scrolled: (event: Event) => void): TemplateResult {
  const { t } = view;
  const mine = desk.isMine(one);
  const acts: Part = one.state === "waiting" ? button(t("take"), () => desk.act("claim"))
    : mine ? html`${button(t("giveBack"), () => desk.act("return"))} ${button(t("finish"), () => desk.act("close"))}` : nothing;
  return html`<div class="talk"><h2 tabindex="-1" ${focused}>${one.who}</h2><span>${facts(one, view)}</span>${acts} ${button(t("queue"), () => desk.show(null))}</div>
    ${logView({ ...view, store: desk.talk }, scrolled)}
    ${mine ? html`<p class="sr" role="status">${desk.offers.length ? t("ready") : ""}</p>
      ${desk.offers.map((one) => offer(desk, one, view))}${desk.composer.view(t, false)}` : nothing}`;
}

/** Sent with one press, or put where it can be changed first. */
const offer = (desk: Handovers, one: Offer, { t, language }: View): TemplateResult =>
  html`<div class="offer" role="group" aria-label="${t("ready")} ${one.order}"><b>${t("ready")} · ${one.title[language]} · ${one.order}</b>
    <p lang=${one.language} dir="auto">${one.text}</p>
    ${button(t("sayIt"), () => desk.use(one))} ${button(t("edit"), () => desk.composer.propose(one.text))}</div>`;
