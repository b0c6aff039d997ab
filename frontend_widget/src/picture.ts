// Pictures of what a robot saw, on lines of their own in what the bot says. Fetched in the user's name, each once.
import { html, nothing, type TemplateResult } from "lit";
import type { Call } from "./api.js";
import type { View } from "./view.js";

const LINE = /^!\[([^\]\n]*)\]\((?:https?:\/\/[^/\s)]+)?(\/api\/robot-evidence\/\w+)\)$/gm;

/** As `data:`, so that a page's policy has to let in nothing else. */
export class Pictures {
  private readonly held = new Map<string, string>();

  constructor(private readonly call: Call, private readonly changed: () => void) {}

  /** Empty until it is here. */
  of(address: string): string {
    if (!this.held.has(address)) {
      this.held.set(address, "");
      void this.fetch(address);
    }
    return this.held.get(address)!;
  }

  /** Nothing of who was here before. */
  clear(): void {
    this.held.clear();
  }

  private async fetch(address: string): Promise<void> {
    const got = await this.call("GET", address);
    const blob = got?.ok ? await got.blob() : undefined;
    if (blob?.type !== "image/png") return;
    const reader = new FileReader();
    reader.onload = () => { this.held.set(address, String(reader.result)); this.changed(); };
    reader.readAsDataURL(blob);
  }
}

export const withoutPictures = (text: string): string => text.replace(LINE, "").trim();

/** As wide as the conversation; pressed, as large as the screen. */
export const picturesOf = (text: string, { act }: View): TemplateResult[] => [...text.matchAll(LINE)].map(([, label, address]) =>
  html`<button type="button" class="picture" aria-label=${label!} @click=${enlarged}><img alt=${label!} src=${act.picture(address!) || nothing} /></button>`);

const enlarged = (event: Event): void => void (event.currentTarget as Element).querySelector("img")?.requestFullscreen?.();
