// The list of what waits for this user, with the buttons that decide it. Knows nothing of the gateway.
import { html, nothing, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { repeat } from "lit/directives/repeat.js";
import type { Task, TaskField } from "./types.js";
import type { Tasks } from "./tasks.js";
import type { View } from "./view.js";
import { decisionName, errorText } from "./i18n-codes.js";
import { shortMoment } from "./time.js";

const focused = ref((element) => queueMicrotask(() => (element as HTMLElement | undefined)?.focus()));
const STYLES: Record<string, string> = { approve: "primary", complete: "primary", reject: "danger" };

export function tasksView(tasks: Tasks, view: View): TemplateResult {
  const { t, language } = view;
  const said = tasks.code ? errorText(tasks.code, language) : tasks.done ? t("decided", { what: decisionName(tasks.done, language) }) : "";
  return html`<div class="notices tasks">
    <h2 class="sr">${t("tasks")}</h2>
    <p class="said" role="status" data-code=${tasks.code}>${said}</p>
    ${tasks.items.length
      ? html`<ul tabindex="0" aria-label=${t("tasks")}>${repeat(tasks.items, ({ id }) => id, (task) => row(task, tasks, view))}
          ${tasks.more ? html`<li class="empty">${t("moreTasks")}</li>` : nothing}</ul>`
      : html`<p class="empty">${t("noTasks")}</p>`}
  </div>`;
}

function row(task: Task, tasks: Tasks, view: View): TemplateResult {
  const { t, language, act } = view;
  const open = tasks.chosen?.task.id === task.id ? tasks.chosen.decision : "";
  const facts = [task.process_title[language], shortMoment(task.since, language), task.due_at && t("due", { at: shortMoment(task.due_at, language) }),
    task.on_behalf_of && t("onBehalf")];
  return html`<li class="notification task" data-task=${task.id} aria-busy=${open && tasks.busy ? "true" : "false"}>
    <p class="content" id="task-${task.id}"><b>${task.title[language]}</b> ${task.subject[language]}</p>
    <p class="meta"><button type="button" class="order" aria-label=${t("ask", { order: task.case })} @click=${() => act.ask(task.case)}>${task.case}</button>
      <span>${facts.filter(Boolean).join(" · ")}</span></p>
    <div class="decisions" role="group" aria-labelledby="task-${task.id}">${task.decisions.map((decision) => html`<button type="button"
      class="action ${STYLES[decision] ?? ""}" data-decision=${decision} aria-expanded=${open === decision} ?disabled=${tasks.busy || view.store.phase !== "online"}
      @click=${(event: Event) => choose(event, task, decision, tasks)}>${decisionName(decision, language)}</button>`)}</div>
    ${open && !tasks.busy ? form(task, open, tasks, view) : nothing}
  </li>`;
}

/** The row may go with its button, so the list takes the focus. */
function choose(event: Event, task: Task, decision: string, tasks: Tasks): void {
  const list = (event.currentTarget as HTMLElement).closest("ul");
  tasks.choose(task, decision);
  if (tasks.busy) list?.focus();
}

function form(task: Task, decision: string, tasks: Tasks, { t, language }: View): TemplateResult {
  const needed = task.reason_for.includes(decision);
  const field = (one: TaskField) => html`<label>${one.title[language]} ${input(one, one.required && decision !== "reject", language)}</label>`;
  const back = (event: Event): void => {
    const row = (event.currentTarget as HTMLElement).closest("li");
    tasks.drop();
    row?.querySelector<HTMLElement>(`[data-decision="${decision}"]`)?.focus();
  };
  return html`<form class="more" @submit=${(event: SubmitEvent) => submit(event, task, tasks)}
      @keydown=${(event: KeyboardEvent) => { if (event.key === "Escape") { event.stopPropagation(); back(event); } }}>
    ${task.fields.map(field)}
    <label>${t(needed ? "reasonNeeded" : "reason")} <textarea name="reason" rows="2" dir="auto" maxlength="1000" ?required=${needed} ${focused}></textarea></label>
    <div class="decisions"><button type="submit" class="action ${STYLES[decision] ?? "primary"}">${decisionName(decision, language)}</button>
      <button type="button" class="action" @click=${back}>${t("cancel")}</button></div>
  </form>`;
}

function input({ name, type, choices }: TaskField, required: boolean, language: View["language"]): TemplateResult {
  if (choices) return html`<select name=${name} ?required=${required}><option value=""></option>
    ${choices.map(({ value, title }) => html`<option value=${value}>${title[language]}</option>`)}</select>`;
  if (type === "boolean") return html`<input type="checkbox" name=${name} />`;
  const kind = type === "date" ? type : type === "moment" ? "datetime-local" : "text";
  return html`<input type=${kind} name=${name} ?required=${required} inputmode=${/number|integer|money/.test(type) ? "decimal" : nothing} />`;
}

function submit(event: SubmitEvent, { fields }: Task, tasks: Tasks): void {
  event.preventDefault();
  const form = event.currentTarget as HTMLFormElement;
  const reason = String(new FormData(form).get("reason") ?? "").trim();
  const area = form.elements.namedItem("reason") as HTMLTextAreaElement;
  if (area.required && !reason) {
    area.value = "";
    area.reportValidity();
    return;
  }
  const said: Record<string, unknown> = {};
  for (const { name, type } of fields) {
    const { value, checked } = form.elements.namedItem(name) as HTMLInputElement;
    if (type === "boolean") said[name] = checked;
    else if (value) said[name] = type === "moment" ? new Date(value).toISOString() : value;
  }
  form.closest("ul")?.focus();
  void tasks.decide(reason, said);
}
