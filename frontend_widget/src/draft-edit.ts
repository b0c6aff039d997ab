// The card of a draft while it is changed in place: fields where the values stood, and what is said for each change.
// Knows nothing of the socket.
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Card, CardEdit } from "./types.js";
import type { View } from "./view.js";
import { translator } from "./i18n.js";

export const nameOf = ({ sku, key }: CardEdit): string => sku ?? key;

export const editOf = (card: Card, name: string | undefined): CardEdit | undefined => card.edits?.find((edit) => nameOf(edit) === name);

export function fieldOf(edit: CardEdit): TemplateResult {
  const number = edit.type === "number";
  return html`<input class="edit" name=${nameOf(edit)} aria-label=${edit.label} type=${edit.type === "date" ? "date" : "text"} inputmode=${number ? "decimal" : "text"}
    .value=${edit.value} min=${edit.min ?? ""} dir=${number ? "ltr" : "auto"} autocomplete="off" maxlength="200" />`;
}

/** What to say for what was changed, in as few messages as can be: goods that are set to nothing are taken out. */
export function sayings(card: Card, valueOf: (name: string) => string): string[] {
  const apart: string[] = [];
  const together: string[] = [];
  for (const edit of card.edits ?? []) {
    const value = valueOf(nameOf(edit)).trim();
    const gone = !!edit.drop && /^0*([.,]0*)?$/.test(value);
    if (value === edit.value || (!value && !gone)) continue;
    (edit.apart ? apart : together).push(gone ? edit.drop! : edit.say.replace("{value}", () => value));
  }
  return [...apart, ...(together.length ? [together.join(translator(card.language)("between"))] : [])];
}

/** The first field takes the focus when the card opens. */
const begun = ref((element) => queueMicrotask(() => element?.closest("article")?.querySelector<HTMLElement>(".edit")?.focus()));

function end(event: Event, view: View, said: string[]): void {
  const article = (event.currentTarget as HTMLElement).closest("article");
  view.act.change(null, said);
  article?.focus({ preventScroll: true });
}

function save(event: Event, card: Card, view: View): void {
  const article = (event.currentTarget as HTMLElement).closest("article")!;
  const fields = [...article.querySelectorAll<HTMLInputElement>(".edit")];
  const wrong = fields.find((field) => !field.reportValidity());
  if (!wrong) end(event, view, sayings(card, (name) => fields.find((field) => field.name === name)?.value ?? ""));
}

/** Enter saves and Escape leaves the card as it was; neither does what it does elsewhere. */
export const editKeys = (event: KeyboardEvent, card: Card, view: View): void => {
  const inField = (event.target as HTMLElement).matches(".edit") && !event.isComposing;
  if (event.key === "Escape") end(event, view, []);
  else if (event.key === "Enter" && inField) save(event, card, view);
  else return;
  event.stopPropagation();
  event.preventDefault();
};

export function editFoot(card: Card, view: View): TemplateResult {
  const t = translator(card.language);
  return html`<footer ${begun}><button type="button" class="action primary" data-action="save" @click=${(event: Event) => save(event, card, view)}>${t("save")}</button>
    <button type="button" class="action" data-action="cancel" @click=${(event: Event) => end(event, view, [])}>${t("cancel")}</button>
    <span class="hint">${t("zeroDrops")}</span></footer>`;
}
