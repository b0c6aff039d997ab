// Whether the user has the page before their eyes, and the count in the title while they have not.
// Knows nothing of messages.

const COUNTED = /^\(\d+\+?\) /;

export class Attention {
  constructor(private readonly changed: () => void) {}

  get visible(): boolean {
    return document.visibilityState === "visible";
  }

  watch(): void {
    document.addEventListener("visibilitychange", this.changed);
  }

  release(): void {
    document.removeEventListener("visibilitychange", this.changed);
    this.show(0);
  }

  show(unread: number): void {
    const bare = document.title.replace(COUNTED, "");
    const wanted = unread && !this.visible ? `(${unread > 99 ? "99+" : unread}) ${bare}` : bare;
    if (document.title !== wanted) document.title = wanted;
  }
}
