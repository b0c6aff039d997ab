// A sound and the desktop's own notices for who has the page out of sight: off until somebody asks for them here.
// Knows nothing of the conversation.
import { asked, remember } from "./memory.js";

export interface Alert {
  id: string;
  title: string;
  text: string;
}

export class Alerts {
  /** What was asked for in this browser. */
  wants = asked();
  /** The browser has refused; only its own settings can change that. */
  refused = false;
  private player: AudioContext | null = null;

  constructor(private readonly changed: () => void, private readonly come: () => void) {}

  readonly setSound = (on: boolean): void => {
    this.keep({ sound: on });
    if (on) this.sound();
  };

  /** Only from a click: the browser asks its user, whose answer counts. */
  readonly setDesktop = async (on: boolean): Promise<void> => {
    this.refused = on && (!("Notification" in globalThis) || (await Notification.requestPermission()) !== "granted");
    this.keep({ desktop: on && !this.refused });
  };

  /** Nobody is interrupted who has the page before their eyes. */
  tell({ id, title, text }: Alert): void {
    if (document.hasFocus() && !document.hidden) return;
    if (this.wants.sound) this.sound();
    if (!this.wants.desktop || Notification.permission !== "granted") return;
    // The same tag from several tabs is one notice.
    const shown = new Notification(title, { body: text.slice(0, 200), tag: `deskhand-${id}` });
    shown.onclick = () => {
      shown.close();
      focus();
      this.come();
    };
  }

  private keep(wants: Partial<typeof this.wants>): void {
    remember((this.wants = { ...this.wants, ...wants }));
    this.changed();
  }

  /** Two short tones. A browser that wants a click first keeps silent until there was one. */
  private sound(): void {
    const player = (this.player ??= new AudioContext());
    void player.resume();
    [660, 880].forEach((pitch, index) => {
      const tone = player.createOscillator();
      const volume = player.createGain();
      const start = player.currentTime + index * 0.12;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.12, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.2);
      tone.connect(volume).connect(player.destination);
      tone.start(start);
      tone.stop(start + 0.2);
    });
  }
}
