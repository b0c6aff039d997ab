// What is shown of a file on its way, above the place where people write. Knows nothing of the request.
import { html, nothing, type TemplateResult } from "lit";
import { errorText } from "./i18n-codes.js";
import type { Upload } from "./upload.js";
import type { View } from "./view.js";

/** The region is always there, so that a screen reader hears it change. */
export function uploadView(upload: Upload, { t, language }: View): TemplateResult {
  const { name, percent, over, code, said } = upload;
  const why = said?.[language] ?? (code ? errorText(code, language) : "");
  const close = html`<button type="button" class="plain" aria-label=${t("cancel")} @click=${upload.cancel}>×</button>`;
  return html`${over ? html`<p class="drop">${t("drop")}</p>` : nothing}
    ${percent === null ? nothing : html`<div class="upload">
      <progress max="100" value=${percent} aria-label=${name}></progress>
      <span>${t("sending", { name, n: percent })}</span>
      ${close}
    </div>`}
    <div class="upload" role="alert">${why ? html`<span>${t("notTaken", { name, why })}</span> ${close}` : nothing}</div>`;
}
