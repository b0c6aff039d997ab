// What the tabs show. Knows nothing of the page around the widget.
import { html, nothing, type TemplateResult } from "lit";
import type { Desk } from "./desk.js";
import { pane, type Tab } from "./frame.js";
import { noticesView } from "./notifications.js";
import { settingsView } from "./settings-view.js";
import { tasksView } from "./task-view.js";
import type { View } from "./view.js";

export function panes(desk: Desk, view: View, tab: Tab, beside: boolean, chat: TemplateResult, print: () => void): TemplateResult {
  return html`${pane("chat", beside, tab, chat)} ${pane("tasks", beside, tab, tasksView(desk.tasks, view))}
    ${pane("notices", beside, tab, noticesView(view, desk.sieve, desk.preferences))}
    ${pane("settings", beside, tab, tab === "settings" ? settingsView(desk, print, view) : nothing)}`;
}
