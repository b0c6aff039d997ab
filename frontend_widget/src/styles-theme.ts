// Colours, sizes and what every part shares. A page overrides a --deskhand-* variable on the element.
import { css } from "lit";

export const theme = css`
  :host {
    --accent: var(--deskhand-accent, #1c5d8c);
    --on-accent: var(--deskhand-on-accent, #ffffff);
    --ground: var(--deskhand-ground, #f4f6f8);
    --surface: var(--deskhand-surface, #ffffff);
    --text: var(--deskhand-text, #18212b);
    --muted: var(--deskhand-muted, #55616e);
    --border: var(--deskhand-border, #dce2e8);
    --mine: var(--deskhand-mine, #dbe9f4);
    --soft: var(--deskhand-soft, #edf1f5);
    --danger: var(--deskhand-danger, #a52a21);
    --good: var(--deskhand-good, #1d6b43);
    --warn-ground: var(--deskhand-warn-ground, #fdf3dc);
    --warn-text: var(--deskhand-warn-text, #6a4a05);
    --badge: var(--deskhand-badge, #b3261e);
    --shadow: 0 12px 36px rgb(16 32 48 / 0.2), 0 2px 8px rgb(16 32 48 / 0.1);
    color-scheme: light dark;
    font: 15px/1.5 var(--deskhand-font, system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei",
      "Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Micro Hei", sans-serif);
    color: var(--text);
    text-align: start;
    -webkit-text-size-adjust: 100%;
  }
  @media (prefers-color-scheme: dark) {
    :host {
      --accent: var(--deskhand-accent, #7dbbe8);
      --on-accent: var(--deskhand-on-accent, #0b1a26);
      --ground: var(--deskhand-ground, #12171c);
      --surface: var(--deskhand-surface, #1b2229);
      --text: var(--deskhand-text, #e4e9ee);
      --muted: var(--deskhand-muted, #a0adb9);
      --border: var(--deskhand-border, #323c46);
      --mine: var(--deskhand-mine, #203a4f);
      --soft: var(--deskhand-soft, #262f38);
      --danger: var(--deskhand-danger, #f2998f);
      --good: var(--deskhand-good, #7fcda0);
      --warn-ground: var(--deskhand-warn-ground, #3a3018);
      --warn-text: var(--deskhand-warn-text, #f2dca6);
      --badge: var(--deskhand-badge, #ffb4ab);
      --shadow: 0 12px 36px rgb(0 0 0 / 0.55);
    }
  }
  *, *::before, *::after { box-sizing: border-box; }
  [hidden] { display: none !important; }
  h1, h2, p, ul, ol, dl, dd { margin: 0; padding: 0; }
  ul { list-style: none; }
  button, textarea { font: inherit; color: inherit; }
  button { cursor: pointer; }
  button:disabled { cursor: default; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  svg { inline-size: 20px; block-size: 20px; fill: none; stroke: currentColor; stroke-width: 1.6;
    stroke-linecap: round; stroke-linejoin: round; }
  .sr { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .plain { border: 0; background: none; padding: 2px 4px; color: var(--accent); text-decoration: underline;
    text-underline-offset: 3px; }
  .badge { min-inline-size: 18px; padding: 0 5px; border-radius: 9px; background: var(--badge); color: var(--surface);
    font-size: 11px; font-weight: 600; line-height: 18px; text-align: center; }
  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { animation: none !important; transition: none !important; }
  }
`;
