// Where people write. Safe for input methods: the Enter that picks a Chinese candidate does not send.
// Knows nothing of the socket.
import { html, nothing, type TemplateResult } from "lit";
import { createRef, ref, type Ref } from "lit/directives/ref.js";
import type { Translate } from "./i18n.js";
import { ACCEPT } from "./upload.js";

const MOST_HEIGHT = 160;
/** The key code of every key that an input method swallows; some browsers set only this. */
const SWALLOWED_BY_IME = 229;

export class Composer {
  private readonly field: Ref<HTMLTextAreaElement> = createRef();

  constructor(
    private readonly id: string,
    private readonly say: (text: string) => void,
    private readonly typing: () => void,
    private readonly take?: (...files: File[]) => void,
  ) {}

  view(t: Translate, shut: boolean): TemplateResult {
    return html`<form class="composer" @submit=${this.submit}>
      <label class="sr" for=${this.id}>${t("input")}</label>
      <textarea id=${this.id} rows="1" dir="auto" enterkeyhint="send" autocomplete="off" ?disabled=${shut}
        placeholder=${t(this.id === "input" ? "placeholder" : "input")} aria-describedby="${this.id}-hint" ${ref(this.field)}
        @keydown=${this.keydown} @input=${this.input}></textarea>
      ${this.take ? html`<label class="attach" title=${t("attach")}>
        <input type="file" multiple class="sr" accept=${ACCEPT} aria-label=${t("attach")} ?disabled=${shut} @change=${this.chosen} />
        <svg viewBox="0 0 20 20" aria-hidden="true"><path d="m15.5 9-6 6a3.5 3.5 0 0 1-5-5l6.5-6.5a2.4 2.4 0 0 1 3.4 3.4L8 13.3" /></svg>
      </label>` : nothing}
      <button type="submit" class="send" ?disabled=${shut} aria-label=${t("send")} title=${t("send")}>
        <svg class="turns" viewBox="0 0 20 20" aria-hidden="true"><path d="M3 10h12M10 4.5 15.5 10 10 15.5" /></svg>
      </button>
      <p class="hint" id="${this.id}-hint">${t("hint")}</p>
    </form>`;
  }

  focus(): void {
    this.field.value?.focus();
  }

  /** Puts a text where the user can change it before sending; what they had begun stays in front of it. */
  propose(text: string): void {
    const field = this.field.value;
    if (!field) return;
    const begun = field.value.trim();
    field.value = begun && begun !== text ? `${begun} ${text}` : text;
    this.fit();
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  private readonly keydown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey) return;
    if (event.isComposing || event.keyCode === SWALLOWED_BY_IME) return;
    event.preventDefault();
    this.submit();
  };

  /** The same file may be chosen again. */
  private readonly chosen = ({ target }: Event): void => {
    const field = target as HTMLInputElement;
    this.take?.(...(field.files ?? []));
    field.value = "";
  };

  private readonly input = (): void => {
    this.fit();
    this.typing();
  };

  private readonly submit = (event?: Event): void => {
    event?.preventDefault();
    const field = this.field.value;
    const text = field?.value.trim() ?? "";
    if (!field || !text) return field?.focus();
    this.say(text);
    field.value = "";
    this.fit();
    field.focus();
  };

  /** Grows with the text; set through the object model, which a strict policy for styles allows. */
  private fit(): void {
    const field = this.field.value;
    if (!field) return;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight + 2, MOST_HEIGHT)}px`;
  }
}
