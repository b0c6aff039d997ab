// One card: what will happen or how an order stands, with buttons that work once. Knows nothing of the socket.
import { html, nothing, type TemplateResult } from "lit";
import type { Card, CardAction, CardItem, CardLine, CardState } from "./types.js";
import type { View } from "./view.js";
import { translator, type TextKey } from "./i18n.js";
import { editFoot, editKeys, editOf, fieldOf } from "./draft-edit.js";
import { clockTime, shortMoment } from "./time.js";

type Part = TemplateResult | typeof nothing;

const SHUT: Partial<Record<CardState, TextKey>> = { used: "cardUsed", expired: "cardExpired", superseded: "cardSuperseded" };

export function cardView(card: Card, view: View): TemplateResult {
  const state = view.store.cardState(card) ?? "open";
  const edits = state === "open" && !!card.id && view.store.editing === card.id && !pressedOn(card, view);
  return html`<article class="card" data-state=${state} data-kind=${card.kind} ?data-edits=${edits} lang=${card.language} tabindex="-1"
      aria-label=${card.title} aria-busy=${pressedOn(card, view) ? "true" : "false"}
      @keydown=${edits ? (event: KeyboardEvent) => editKeys(event, card, view) : nothing}>
    ${head(card)} ${facts(card, edits)} ${table(card)} ${lines(card, edits)} ${total(card)} ${items(card, state, view)}
    ${edits ? editFoot(card, view) : foot(card, state, view)}
  </article>`;
}

const pressedOn = (card: Card, view: View): string | undefined => (card.id ? view.store.pressed.get(card.id) : undefined);

function head(card: Card): TemplateResult {
  return html`<header>
    <h2>${card.title}</h2>
    ${card.status ? html`<span class="chip" data-status=${card.status.code}>${card.status.label}</span>` : nothing}
    ${card.order && !card.title.includes(card.order) ? html`<span class="order">${card.order}</span>` : nothing}
  </header>`;
}

function facts(card: Card, edits: boolean): Part {
  if (!card.facts?.length) return nothing;
  return html`<dl class="facts">
    ${card.facts.map((fact) => html`<div data-fact=${fact.key}><dt>${fact.label}</dt><dd>${value(card, fact.key, fact.value, edits)}</dd></div>`)}
  </dl>`;
}

/** The value, or the field in which it is changed. */
function value(card: Card, name: string | undefined, shown: string, edits: boolean): TemplateResult | string {
  const edit = edits ? editOf(card, name) : undefined;
  return edit ? fieldOf(edit) : shown;
}

function table(card: Card): Part {
  if (!card.table?.rows.length) return nothing;
  const [what, ...counted] = card.table.columns;
  return html`<table class="lines figures">
    <thead><tr><th scope="col">${what}</th>${counted.map((label) => html`<th scope="col" class="number">${label}</th>`)}</tr></thead>
    <tbody>${card.table.rows.map(({ key, cells: [label, ...values] }) => html`<tr data-row=${key}>
      <th scope="row">${label}</th>${values.map((value) => html`<td class="number">${value}</td>`)}
    </tr>`)}</tbody>
  </table>`;
}

function lines(card: Card, edits: boolean): Part {
  if (!card.lines?.length) return nothing;
  const t = translator(card.language);
  const priced = card.lines.some((line) => line.unit_price || line.amount);
  return html`<table class="lines" data-priced=${priced}>
    <thead><tr>
      <th scope="col">${t("product")}</th><th scope="col" class="number">${t("quantity")}</th>
      ${priced ? html`<th scope="col" class="number price">${t("price")}</th><th scope="col" class="number">${t("amount")}</th>` : nothing}
    </tr></thead>
    <tbody>${card.lines.map((line) => lineRow(card, line, priced, edits))}</tbody>
  </table>`;
}

function lineRow(card: Card, line: CardLine, priced: boolean, edits: boolean): TemplateResult {
  return html`<tr>
    <td>${line.name}${line.sku ? html` <span class="sku">${line.sku}</span>` : nothing}
      ${line.note ? html`<span class="note">${line.note}</span>` : nothing}</td>
    <td class="number">${value(card, line.sku, line.quantity, edits)} ${line.unit}
      ${line.unit_price ? html`<span class="times">× ${line.unit_price}</span>` : nothing}</td>
    ${priced ? html`<td class="number price">${line.unit_price ?? ""}</td><td class="number">${line.amount ?? ""}</td>` : nothing}
  </tr>`;
}

function total(card: Card): Part {
  return card.total ? html`<p class="total"><span>${card.total.label}</span><strong>${card.total.value}</strong></p>` : nothing;
}

/** Things to pick from: a choice answers the card with its button, an order is asked about. */
function items(card: Card, state: CardState, view: View): Part {
  if (!card.items?.length) return nothing;
  const choices = choiceActions(card);
  return html`<ul class="items">
    ${card.items.map((item, index) => html`<li>${itemRow(card, item, choices[index], state, view)}</li>`)}
  </ul>`;
}

/** The buttons choose:1, choose:2 … when each has its item; they are shown as the items themselves. */
function choiceActions(card: Card): CardAction[] {
  const choices = (card.actions ?? []).filter((action) => action.id.startsWith("choose:"));
  return choices.length === card.items?.length ? choices : [];
}

function itemRow(card: Card, item: CardItem, choice: CardAction | undefined, state: CardState, view: View): TemplateResult {
  const body = html`<span class="item-title">${item.title}</span>
    ${item.order && !item.title.includes(item.order) ? html`<span class="order">${item.order}</span>` : nothing}
    ${item.subtitle ? html`<span class="item-subtitle">${item.subtitle}</span>` : nothing}`;
  if (choice && card.id) {
    const pressed = pressedOn(card, view);
    return html`<button type="button" class="item" data-action=${choice.id} aria-pressed=${pressed === choice.id ? "true" : "false"}
      ?disabled=${state !== "open" || !!pressed || view.store.phase !== "online"}
      @click=${(event: Event) => press(event, card, choice, view)}>${body}</button>`;
  }
  const order = item.order;
  return order
    ? html`<button type="button" class="item" @click=${() => view.act.ask(order)}>${body}</button>`
    : html`<div class="item">${body}</div>`;
}

function foot(card: Card, state: CardState, view: View): Part {
  const outcome = card.outcome;
  if (outcome) return html`<footer class="outcome">${outcomeText(card)}</footer>`;
  const t = translator(card.language);
  const shut = card.actions?.length || card.state !== undefined ? SHUT[state] : undefined;
  if (shut) return card.id ? html`<footer class="outcome shut">${t(shut)}</footer>` : nothing;
  return card.actions?.length && card.id ? buttons(card, view) : nothing;
}

function outcomeText(card: Card): Part[] {
  const { text, by, at } = card.outcome!;
  const when = at ? shortMoment(at, card.language) : "";
  const who = [by, when].filter(Boolean).join(" · ");
  return [html`<span class="outcome-text">${text}</span>`, who ? html`<span class="outcome-by">${who}</span>` : nothing];
}

function buttons(card: Card, view: View): TemplateResult {
  const t = translator(card.language);
  const pressed = pressedOn(card, view);
  const asItems = new Set(choiceActions(card));
  const rest = card.actions!.filter((action) => !asItems.has(action));
  const hint = pressed ? t("working") : card.expires_at ? t("validUntil", { at: clockTime(card.expires_at, card.language) }) : "";
  return html`<footer>
    ${rest.map((action) => html`<button type="button" class="action ${action.style ?? "default"}" data-action=${action.id}
      aria-pressed=${pressed === action.id ? "true" : "false"} ?disabled=${!!pressed || view.store.phase !== "online"}
      @click=${(event: Event) => press(event, card, action, view)}>${action.label}</button>`)}
    ${card.edits?.length ? html`<button type="button" class="action" data-action="edit" ?disabled=${!!pressed}
      @click=${() => view.act.change(card, [])}>${t("edit")}</button>` : nothing}
    ${hint ? html`<span class="hint">${hint}</span>` : nothing}
  </footer>`;
}

/** The button shuts before the browser can deliver a second click; focus stays on the card. */
function press(event: Event, card: Card, action: CardAction, view: View): void {
  const button = event.currentTarget as HTMLButtonElement;
  const article = button.closest<HTMLElement>("article");
  button.disabled = true;
  article?.focus({ preventScroll: true });
  view.act.press(card.id!, action);
}
