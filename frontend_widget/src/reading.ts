// Where the user reads: at the end, which then follows new messages, or further up, which then stays where it is.
// Knows nothing of messages.

const NEAR_THE_END = 80;

export class Reading {
  atEnd = true;
  /** New messages came while the user was reading further up. */
  behind = false;

  constructor(private readonly changed: () => void) {}

  readonly scrolled = (event: Event): void => {
    const log = event.currentTarget as HTMLElement;
    this.atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_THE_END;
    if (this.atEnd && this.behind) this.follow();
  };

  follow(): void {
    this.atEnd = true;
    this.behind = false;
    this.changed();
  }

  settle(log: HTMLElement | null, unread: number): void {
    if (log && this.atEnd) log.scrollTop = log.scrollHeight;
    else if (log && unread && !this.behind) {
      this.behind = true;
      this.changed();
    }
  }
}
