// What one can set: how this browser calls, how the desk tells of things; and the conversation to take away.
// Knows nothing of the gateway.
import { html, nothing, type TemplateResult } from "lit";
import type { Desk } from "./desk.js";
import type { PreferencesOf } from "./preferences.js";
import type { Preferences, Quiet } from "./types.js";
import type { View } from "./view.js";
import { asPage, asText } from "./transcript.js";
import { type TextKey } from "./i18n.js";
import { errorText } from "./i18n-codes.js";

const QUIET: Quiet = { from: "22:00", to: "07:00" };
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export function settingsView(desk: Desk, print: () => void, view: View): TemplateResult {
  const { alerts, preferences } = desk;
  const { t, language } = view;
  const { now, code, saved } = preferences;
  const take = (key: TextKey, act: () => unknown): TemplateResult => html`<button type="button" class="action" data-take=${key} @click=${act}>${t(key)}</button>`;
  return html`<div class="notices settings" tabindex="0" role="region" aria-label=${t("settings")}>
    <fieldset><legend>${t("hereAlerts")}</legend>
      ${tick("sound", t("sound"), () => alerts.wants.sound, alerts.setSound)} ${tick("desktop", t("desktop"), () => alerts.wants.desktop, alerts.setDesktop)}
      <p role="status">${alerts.refused ? t("desktopRefused") : ""}</p>
    </fieldset>
    ${now ? wanted(now, preferences, view) : nothing}
    <p class="said" role="status" data-code=${code}>${code ? errorText(code, language) : saved ? t("saved") : ""}</p>
    <fieldset><legend>${t("log")}</legend>
      <div class="decisions">${take("asText", () => desk.take(asText, "txt"))} ${take("asPage", () => desk.take(asPage, "html"))} ${take("print", print)}</div>
    </fieldset>
  </div>`;
}

/** The box shows what counts, not what was pressed: browser and desk may refuse. */
function tick(name: string, label: string, now: () => boolean, set: (on: boolean) => unknown): TemplateResult {
  const changed = async ({ target }: Event): Promise<void> => {
    const box = target as HTMLInputElement;
    await set(box.checked);
    box.checked = now();
  };
  return html`<label class="tick"><input type="checkbox" name=${name} .checked=${now()} @change=${changed} /> ${label}</label>`;
}

function wanted(now: Preferences, preferences: PreferencesOf, view: View): TemplateResult {
  return html`<fieldset><legend>${view.t("tellMe")}</legend>
      <table class="wants"><thead><tr><td></td>${now.channels.map(({ label }) => html`<th scope="col">${label[view.language]}</th>`)}</tr></thead>
      <tbody>${now.kinds.map((kind) => html`<tr><th scope="row">${kind.label[view.language]}</th>
        ${now.channels.map((channel) => html`<td>${mode(kind, channel, now, preferences, view)}</td>`)}</tr>`)}</tbody></table>
    </fieldset>
    ${quiet(now, preferences, view)}`;
}

function mode(kind: Preferences["kinds"][number], { channel, label, modes }: Preferences["channels"][number], now: Preferences,
  preferences: PreferencesOf, { language }: View): TemplateResult {
  const changed = async ({ target }: Event): Promise<void> => {
    const field = target as HTMLSelectElement;
    await preferences.save({ kinds: { [kind.kind]: { [channel]: field.value } } });
    field.value = preferences.now?.kinds.find((each) => each.kind === kind.kind)?.wants[channel] ?? "";
  };
  return html`<select aria-label="${kind.label[language]}: ${label[language]}" data-wants="${kind.kind}:${channel}" @change=${changed}>
    ${modes.map((one) => html`<option value=${one} ?selected=${kind.wants[channel] === one}>${now.modes.find((named) => named.mode === one)?.label[language] ?? one}</option>`)}
  </select>`;
}

function quiet({ quiet: now, time_zone, digest }: Preferences, preferences: PreferencesOf, { t, language }: View): TemplateResult {
  const save = (change: Partial<Quiet>) => preferences.save({ quiet: { ...(now ?? QUIET), ...change } });
  const time = (name: "from" | "to") => html`<label>${t(name)} <input type="time" name=${name} required .value=${now?.[name] ?? ""}
    @change=${({ target }: Event) => { const { value } = target as HTMLInputElement; if (value) void save({ [name]: value }); }} /></label>`;
  const on = (name: string): boolean => !preferences.now?.quiet?.days?.length || preferences.now.quiet.days.includes(name);
  const day = (name: string, index: number) => tick(name, weekday(index, language), () => on(name),
    () => save({ days: DAYS.filter((one) => (one === name) !== on(one)) }));
  return html`<fieldset><legend>${t("quiet")}</legend>
      ${tick("quiet", t("quietOn"), () => !!preferences.now?.quiet, (on) => preferences.save({ quiet: on ? QUIET : null }))}
      ${now ? html`<div class="decisions">${time("from")} ${time("to")} <span>${time_zone}</span></div><div class="decisions">${DAYS.map(day)}</div>` : nothing}
    </fieldset>
    <fieldset><legend>${t("digest")}</legend><div class="decisions">
      <select name="every" aria-label=${t("digest")} @change=${({ target }: Event) => preferences.save({ digest: { ...digest, every: (target as HTMLSelectElement).value } })}>
        ${(["day", "hour"] as const).map((every) => html`<option value=${every} ?selected=${digest.every === every}>${t(every)}</option>`)}</select>
      ${digest.every === "day" ? html`<label>${t("at")} <input type="time" name="at" required .value=${digest.at}
        @change=${({ target }: Event) => { const { value } = target as HTMLInputElement; if (value) void preferences.save({ digest: { ...digest, at: value } }); }} /></label>` : nothing}
    </div></fieldset>`;
}

/** The 5th of January 1970 was a Monday. */
const weekday = (index: number, language: View["language"]): string =>
  new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { weekday: "short", timeZone: "UTC" }).format((index + 4) * 86_400_000);
