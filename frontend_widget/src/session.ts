// Telling the page around the widget who is signed in. Knows nothing of messages.
import type { Language, Phase, User } from "./types.js";
import { roleName } from "./i18n-codes.js";

export interface State {
  user: User | null;
  phase: Phase;
  language: Language;
  unread: number;
}

/** Tells the page what changed of the session, each state once. */
export class Announcer {
  private said = "";

  constructor(private readonly element: HTMLElement) {}

  tell(state: State): void {
    const detail = { ...state, role: state.user ? roleName(state.user.role, state.language) : "" };
    const said = JSON.stringify(detail);
    if (said === this.said) return;
    this.said = said;
    this.dispatch("deskhand-state", detail);
  }

  /** The user wants to sign in again; where that happens is the page's business. */
  readonly askForSignIn = (): void => this.dispatch("deskhand-sign-in", null);

  private dispatch(name: string, detail: unknown): void {
    this.element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}
