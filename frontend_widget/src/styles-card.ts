// Cards: order drafts, commands to confirm, orders, choices.
import { css } from "lit";

export const cardStyles = css`
  .card { inline-size: 560px; max-inline-size: 100%; border: 1px solid var(--border); border-radius: 12px; background: var(--surface);
    overflow: hidden; container-type: inline-size; font-size: 14px; }
  .card:focus { outline: none; }
  .card:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .card > header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; padding: 11px 14px 9px; }
  .card h2 { font-size: 15px; font-weight: 600; line-height: 1.35; margin-inline-end: auto; overflow-wrap: anywhere; }
  .chip { padding: 1px 9px; border-radius: 10px; background: var(--soft); color: var(--text); font-size: 12px; white-space: nowrap; }
  .chip[data-status="settled"], .chip[data-status="shipped"], .chip[data-status="paid"] { color: var(--good); }
  .chip[data-status="cancelled"], .chip[data-status="on_hold"], .chip[data-status="overdue"] { color: var(--danger); }

  .facts { display: grid; grid-template-columns: minmax(5.5em, max-content) minmax(0, 1fr); gap: 4px 14px; padding: 2px 14px 12px; }
  .facts div { display: contents; }
  .facts dt { color: var(--muted); }
  .facts dd { overflow-wrap: anywhere; }

  .lines { inline-size: 100%; border-collapse: collapse; border-block-start: 1px solid var(--border); }
  .lines th { padding: 7px 6px 5px; color: var(--muted); font-size: 12px; font-weight: 500; text-align: start; }
  .lines td { padding: 6px; border-block-start: 1px solid var(--border); vertical-align: top; overflow-wrap: anywhere; }
  .lines tbody tr:first-child td { border-block-start: 0; }
  .lines th:first-child, .lines td:first-child { padding-inline-start: 14px; }
  .lines th:last-child, .lines td:last-child { padding-inline-end: 14px; }
  .lines .number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
  .figures tbody th { padding-block: 6px; border-block-start: 1px solid var(--border); color: inherit; font-size: inherit; font-weight: inherit; }
  .figures tbody tr:first-child th { border-block-start: 0; }
  .lines .sku { color: var(--muted); font-size: 12px; white-space: nowrap; }
  .lines .note { display: block; color: var(--muted); font-size: 12px; }
  .lines .times { display: none; color: var(--muted); font-size: 12px; }
  .total { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; padding: 9px 14px 11px; border-block-start: 1px solid var(--border); }
  .total span { color: var(--muted); }
  .total strong { font-size: 16px; font-variant-numeric: tabular-nums; }

  .items { border-block-start: 1px solid var(--border); }
  .items li + li { border-block-start: 1px solid var(--border); }
  .item { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 10px; align-items: baseline; inline-size: 100%; padding: 9px 14px; border: 0; background: none; text-align: start; }
  .item-title { font-weight: 500; overflow-wrap: anywhere; }
  .item-subtitle { grid-column: 1 / -1; color: var(--muted); font-size: 13px; }
  button.item:not(:disabled) .item-title { color: var(--accent); }
  button.item:hover:not(:disabled) { background: var(--soft); }
  button.item:focus-visible { outline-offset: -2px; }
  .item[aria-pressed="true"] { background: var(--mine); }

  .card > footer { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; padding: 11px 14px; border-block-start: 1px solid var(--border); }
  .action { min-block-size: 38px; padding: 6px 16px; border: 1px solid var(--border); border-radius: 9px; background: var(--surface); font-weight: 500; }
  .action:hover:not(:disabled) { border-color: var(--accent); }
  .action.primary { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
  .action.danger { border-color: var(--danger); color: var(--danger); }
  .action:disabled { border-color: var(--border); background: var(--soft); color: var(--muted); }
  .action[aria-pressed="true"]:disabled { border-color: var(--accent); color: var(--text); }
  .card footer .hint { margin-inline-start: auto; color: var(--muted); font-size: 12px; }
  .card footer.outcome { justify-content: space-between; gap: 2px 12px; background: var(--soft); font-size: 13px; }
  .outcome-text { font-weight: 600; }
  .outcome-by, .outcome.shut { color: var(--muted); }
  .card[data-state="used"] .outcome-text::before { content: "✓ " / ""; color: var(--good); }
  .card[data-state="expired"] .lines, .card[data-state="superseded"] .lines, .card[data-state="expired"] .facts,
  .card[data-state="superseded"] .facts { color: var(--muted); }
  @container (max-width: 400px) {
    .lines .price { display: none; }
    .lines .times { display: block; }
    .facts { gap: 4px 10px; }
  }
`;
