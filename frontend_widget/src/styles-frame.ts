// The panel, the launcher, header, tabs, banner and composer.
import { css } from "lit";

export const frameStyles = css`
  :host { position: fixed; inset-block-end: 20px; inset-inline-end: 20px; z-index: 2147483000; }
  :host([mode="page"]) { position: relative; inset: auto; z-index: auto; display: block; block-size: 100%; min-block-size: 0; }
  .panel {
    position: absolute; inset-block-end: 68px; inset-inline-end: 0; display: flex; flex-direction: column;
    inline-size: min(400px, calc(100vw - 24px)); block-size: min(660px, calc(100dvh - 112px));
    overflow: hidden; border: 1px solid var(--border); border-radius: 14px; background: var(--ground); box-shadow: var(--shadow);
    transition: opacity 0.14s, transform 0.14s;
  }
  .panel[inert] { transition: opacity 0.14s, transform 0.14s, visibility 0.14s; visibility: hidden; opacity: 0; transform: translateY(8px); }
  :host([mode="page"]) .panel { position: static; inline-size: 100%; block-size: 100%; border: 0; border-radius: 0; box-shadow: none; }
  .panel[data-wide] { display: grid; grid-template: auto auto minmax(0, 1fr) / minmax(0, 1fr) 360px; }
  .panel[data-wide] .banner { grid-column: 1 / -1; }
  .panel[data-wide] .tabs, .panel[data-wide] .view { grid-column: 2; border-inline-start: 1px solid var(--border); }
  .panel[data-wide] #view-chat { grid-area: 2 / 1 / 4 / 2; border: 0; }
  .view { display: flex; flex: 1; flex-direction: column; min-block-size: 0; }

  .launcher {
    position: relative; display: grid; place-items: center; inline-size: 56px; block-size: 56px; border: 0; border-radius: 50%;
    background: var(--accent); color: var(--on-accent); box-shadow: 0 6px 18px rgb(16 32 48 / 0.28);
  }
  .launcher svg { inline-size: 27px; block-size: 27px; }
  .launcher .badge { position: absolute; inset-block-start: -3px; inset-inline-end: -3px; outline: 2px solid var(--surface); }

  .bar { display: flex; align-items: center; gap: 4px; padding-block: 8px; padding-inline: 16px 8px; background: var(--surface); }
  .bar h1 { flex: 1; min-inline-size: 0; overflow: hidden; font-size: 15px; font-weight: 600; white-space: nowrap; text-overflow: ellipsis; }
  .bar button { display: grid; place-items: center; min-inline-size: 36px; block-size: 36px; padding: 0 8px; border: 0; border-radius: 8px;
    background: none; color: var(--muted); font-size: 13px; font-weight: 600; }
  .bar button:hover { background: var(--soft); color: var(--text); }
  .line { inline-size: 8px; block-size: 8px; margin-inline-end: 6px; border-radius: 50%; background: var(--muted); }
  .line[data-phase="online"] { background: var(--good); }
  .line[data-phase="offline"], .line[data-phase="signed_out"] { background: var(--danger); }

  .turns:dir(rtl) { scale: -1 1; }
  .tabs { display: flex; flex-wrap: wrap; gap: 0 4px; padding: 0 12px; border-block-end: 1px solid var(--border); background: var(--surface); }
  .tabs button { display: flex; align-items: center; gap: 6px; padding: 9px 8px 8px; border: 0; border-block-end: 2px solid transparent;
    background: none; color: var(--muted); font-size: 14px; }
  .tabs button[aria-selected="true"] { border-color: var(--accent); color: var(--text); font-weight: 600; }
  .tabs button:focus-visible { outline-offset: -2px; }

  .banner:empty { display: none; }
  .banner { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; background: var(--warn-ground); color: var(--warn-text); font-size: 13px; }
  .banner > * { margin: 8px 0; }
  .banner > :first-child { margin-inline-start: 16px; }
  .banner .plain { margin-block: 6px; color: inherit; }

  .upload:not(:empty) { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; padding: 8px 16px; font-size: 13px; }
  .upload[role] { color: var(--danger); }
  .upload progress { flex: 1 0 80px; accent-color: var(--accent); }
  .drop { padding: 20px; border: 2px dashed var(--accent); color: var(--accent); text-align: center; }

  .composer { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: 0 8px; align-items: end;
    padding: 10px 12px; border-block-start: 1px solid var(--border); background: var(--surface); }
  .composer textarea { grid-column: 1; inline-size: 100%; min-block-size: 42px; max-block-size: 160px; padding: 9px 12px; resize: none; overflow-y: auto;
    border: 1px solid var(--border); border-radius: 10px; background: var(--ground); line-height: 1.45; }
  .composer textarea::placeholder { color: var(--muted); opacity: 1; }
  .composer textarea:focus { border-color: var(--accent); outline: 1px solid var(--accent); outline-offset: 0; }
  .composer .attach { position: relative; display: grid; place-items: center; inline-size: 30px; block-size: 42px; color: var(--muted); cursor: pointer; }
  .composer .attach:focus-within { outline: 2px solid var(--accent); border-radius: 10px; }
  .composer .send { display: grid; place-items: center; inline-size: 42px; block-size: 42px; border: 0; border-radius: 10px;
    background: var(--accent); color: var(--on-accent); }
  .composer .send:disabled { background: var(--soft); color: var(--muted); }
  .composer .hint { display: none; grid-column: 1; }
  :host([mode="page"]) .composer { padding: 14px max(16px, calc((100% - 760px) / 2)); }
  :host([mode="page"]) .panel[data-wide] .composer .hint { display: block; padding: 4px 12px 0; color: var(--muted); font-size: 12px; }

  .notices { display: flex; flex: 1; flex-direction: column; min-block-size: 0; block-size: 100%; background: var(--surface); }
  .notices-head { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 10px; padding: 6px 16px; border-block-end: 1px solid var(--border); }
  .notices-head .unread-count { color: var(--muted); font-size: 13px; }
  .notices-head .read-all { margin-inline-start: auto; font-size: 13px; }
  .notices > ul { flex: 1; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; }
  .notices > ul:focus-visible { outline-offset: -3px; }
  .notices .empty { padding: 28px 20px; color: var(--muted); text-align: center; }
  .notification { position: relative; padding-block: 11px 10px; padding-inline: 28px 16px; border-block-end: 1px solid var(--border); font-size: 14px; overflow-wrap: anywhere; }
  .notification[data-unread] { background: color-mix(in srgb, var(--mine) 34%, var(--surface)); }
  .notification .dot { position: absolute; inset-block-start: 18px; inset-inline-start: 12px; inline-size: 8px; block-size: 8px; border-radius: 50%;
    background: var(--accent); }
  .notification .meta { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 10px; margin-block-start: 4px; color: var(--muted); font-size: 12px; }
  .order { border: 0; padding: 1px 7px; border-radius: 6px; background: var(--soft); color: var(--text); font-size: 12px; font-weight: 600;
    font-variant-numeric: tabular-nums; white-space: nowrap; }
  button.order:hover { text-decoration: underline; }
  @media (max-width: 480px), (max-height: 480px) {
    :host(:not([mode="page"])) { inset-block-end: 12px; inset-inline-end: 12px; }
    :host(:not([mode="page"])) .panel { position: fixed; inset: 0; inline-size: auto; block-size: auto; border: 0; border-radius: 0; }
    :host([open]:not([mode="page"])) .launcher { visibility: hidden; }
    .tabs { gap: 0; padding-inline: 8px; }
    .tabs button { padding-inline: 6px; font-size: 13px; }
  }
`;
