// Printing the conversation and not the page around it: while the printer looks, everything else is out of the way.
// Knows nothing of messages.

const AROUND = `@media print {
  html, body, body :has(deskhand-chat) { display: block !important; position: static !important; block-size: auto !important;
    max-block-size: none !important; overflow: visible !important; transform: none !important; }
  body :not(:has(deskhand-chat)):not(deskhand-chat) { display: none !important; }
}`;

export class Printing {
  private asked = false;
  private around: CSSStyleSheet | null = null;

  /** `always`: the conversation is the page. */
  constructor(private readonly element: HTMLElement, private readonly always: () => boolean) {}

  watch(): void {
    addEventListener("beforeprint", this.begin);
    addEventListener("afterprint", this.end);
  }

  release(): void {
    removeEventListener("beforeprint", this.begin);
    removeEventListener("afterprint", this.end);
    this.end();
  }

  readonly print = (): void => {
    this.asked = true;
    print();
  };

  private readonly begin = (): void => {
    if (!this.asked && !this.always()) return;
    if (!this.around) {
      this.around = new CSSStyleSheet();
      this.around.replaceSync(AROUND);
    }
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.around];
    this.element.toggleAttribute("data-print", true);
  };

  private readonly end = (): void => {
    this.asked = false;
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.around);
    this.element.toggleAttribute("data-print", false);
  };
}
