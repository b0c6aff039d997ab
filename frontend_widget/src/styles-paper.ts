// Tasks, settings and the filter; what is left on paper; and colours that the system forces.
import { css } from "lit";

export const paperStyles = css`
  .sieve { display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; padding: 8px 16px; border-block-end: 1px solid var(--border); font-size: 13px; }
  .sieve input[type="search"] { flex: 1 1 110px; }
  .tick { display: inline-flex; gap: 6px; align-items: center; min-block-size: 28px; }
  .tick input { inline-size: 18px; block-size: 18px; margin: 0; accent-color: var(--accent); }
  .group h3 { display: flex; gap: 8px; align-items: baseline; margin: 0; padding: 10px 16px 2px; color: var(--muted); font-size: 12px; font-weight: 400; }
  .group:has(h3) > ul > .notification { border-block-end: 0; padding-block: 5px; }
  .group:has(h3) { padding-block-end: 6px; border-block-end: 1px solid var(--border); }
  .group > ul { overflow: visible; }

  .said { padding: 8px 16px; background: var(--soft); font-size: 13px; }
  .said:empty { display: none; }
  .said:not([data-code=""]) { color: var(--danger); }
  .notification.task { padding-inline-start: 16px; }
  .decisions { display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; margin-block-start: 8px; }
  .decisions .action { min-block-size: 34px; padding: 4px 14px; font-size: 13px; }
  .more { display: grid; gap: 8px; margin-block-start: 10px; font-size: 13px; }
  .more label { display: grid; gap: 3px; }

  .settings { overflow-y: auto; padding: 12px 16px 20px; gap: 14px; font-size: 14px; }
  .settings fieldset { min-inline-size: 0; margin: 0; padding: 0; border: 0; }
  .settings legend { margin-block-end: 4px; padding: 0; font-weight: 600; }
  .settings .tick { display: flex; }
  .settings .decisions .tick { display: inline-flex; }
  .settings [role="status"] { color: var(--muted); font-size: 13px; }
  .wants { inline-size: 100%; border-collapse: collapse; font-size: 13px; }
  .wants th { padding: 4px 6px 4px 0; font-weight: 400; text-align: start; }
  .wants thead th { color: var(--muted); font-size: 12px; }
  .wants td { padding: 3px 0; padding-inline-start: 6px; }
  .wants td select { inline-size: 100%; padding-inline: 4px; }
  .view select, .view input:not([type="checkbox"], [type="file"]), .more textarea { min-block-size: 32px; padding: 4px 8px; border: 1px solid var(--muted); border-radius: 8px;
    background: var(--ground); color: var(--text); font: inherit; }
  .more textarea { resize: vertical; }
  .card .edit { inline-size: 100%; }
  .lines .edit { inline-size: 5.5em; text-align: end; }
  .card[data-edits] .facts { align-items: center; }

  /* In a page that is written from right to left our own sentences keep their order and begin where the page's do. */
  .content, dd, .panel:dir(rtl) :is(p, dt, td, th, h2, h3, span, strong, button, legend, label) { unicode-bidi: plaintext; }
  .panel:dir(rtl) :is(p, dt, dd, td, th, h2, .item) { text-align: right; }
  .panel:dir(rtl) .number { text-align: left; }
  .panel:dir(rtl) .welcome * { text-align: center; }

  @media print {
    :host, .launcher, .bar, .tabs, .banner, .composer, .upload, .newer, .standing, .queue, .quick, .typing, .view, .card footer:not(.outcome) { display: none !important; }
    :host([data-print]), :host([data-print]) .panel, #view-chat.view, .chat, .log { display: block !important; position: static !important; inline-size: auto !important; block-size: auto !important;
      max-block-size: none; overflow: visible !important; border: 0; box-shadow: none; visibility: visible; opacity: 1; padding: 0; background: none; color: #000; transform: none; }
    .message { margin-block: 10px; max-inline-size: 100%; }
    .message.in { align-items: flex-start; padding: 0; }
    .message .sr { position: static; inline-size: auto; block-size: auto; clip-path: none; font-weight: 600; }
    .bubble, .card { border-color: #999; break-inside: avoid; background: none !important; color: #000; }
    .welcome .label, .welcome ul { display: none; }
  }
  @media (forced-colors: active) {
    .badge, .dot, .line, .typing i { forced-color-adjust: none; background: CanvasText; color: Canvas; }
    .line[data-phase="offline"], .line[data-phase="signed_out"] { background: LinkText; }
    .tabs button { border-block-end-color: Canvas; }
    .tabs button[aria-selected="true"] { border-block-end-color: Highlight; }
    .launcher, .panel, .action, .send { border: 1px solid ButtonText; }
  }
`;
