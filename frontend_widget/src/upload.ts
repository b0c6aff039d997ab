// Files to the desk, one after the other: how far the one on its way is, why one was refused. What becomes of them the bot
// says in the conversation. Knows nothing of rendering.
import type { Language } from "./types.js";

const PATH = "/api/imports";
const MOST_BYTES = 32 << 20;
export const ACCEPT = ".csv,.tsv,.txt,.xlsx,.xls,.xlsb,.ods,.json,.jsonl,.zip,.gz";

export class Upload {
  name = "";
  /** 0 to 100 while it goes; then nothing more is under way. */
  percent: number | null = null;
  /** Why it did not get in: a code, or the desk's own words in both languages. */
  code = "";
  said: Record<Language, string> | null = null;
  private request: XMLHttpRequest | null = null;
  /** Chosen while another was on its way. */
  private readonly waiting: File[] = [];

  /** A file is held over the conversation. */
  over = false;

  constructor(private readonly changed: () => void, private readonly where: () => { server: string; token: string; language: Language }) {}

  readonly send = (...files: File[]): void => {
    this.waiting.push(...files);
    if (!this.request) this.next();
  };

  /** Of the files that wait; one that is refused here keeps the others back until that was read. */
  private next(): void {
    const file = this.waiting.shift();
    if (!file) return;
    this.name = file.name;
    this.said = null;
    this.code = !ACCEPT.split(",").some((ending) => file.name.toLowerCase().endsWith(ending)) ? "file_type" : file.size > MOST_BYTES ? "request_too_large" : "";
    if (this.code) return this.changed();
    const { server, token, language } = this.where();
    const request = (this.request = new XMLHttpRequest());
    request.open("POST", new URL(PATH, server || location.origin));
    request.withCredentials = true;
    request.setRequestHeader("X-Requested-With", "deskhand");
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => this.goOn(Math.round((100 * loaded) / total));
    request.onloadend = () => this.end(request);
    const form = new FormData();
    form.append("chat", "1");
    form.append("language", language);
    form.append("file", file);
    this.goOn(0);
    request.send(form);
  }

  /** The file that is on its way, or what was said of the last one. */
  readonly cancel = (): void => {
    const { request } = this;
    this.request = this.said = null;
    this.code = "";
    if (request) request.abort();
    else this.changed();
    if (!request) this.next();
  };

  /** Only files: a text that is dragged is the browser's business. */
  readonly drag = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.over = event.type === "dragover";
    if (event.type === "drop") this.send(...event.dataTransfer.files);
    this.changed();
  };

  private goOn(percent: number): void {
    this.percent = percent;
    this.changed();
  }

  private end(request: XMLHttpRequest): void {
    // Nothing is said of what the user has cancelled.
    if (this.request && request.status !== 201) this.refuse(request);
    this.request = this.percent = null;
    this.changed();
    if (!this.code) this.next();
  }

  private refuse({ responseText }: XMLHttpRequest): void {
    this.code = "not_sent";
    try {
      const { code, data } = JSON.parse(responseText) as { code: string; data?: { said?: Record<Language, string> } };
      this.code = code;
      this.said = data?.said ?? null;
    } catch {
      // no answer of the desk
    }
  }
}
