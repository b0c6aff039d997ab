// The conversation: bubbles, days, notices, quick replies, the empty state.
import { css } from "lit";

export const logStyles = css`
  .chat { position: relative; display: flex; flex: 1; flex-direction: column; min-inline-size: 0; min-block-size: 0; block-size: 100%; }
  .log { display: flex; flex: 1; flex-direction: column; align-items: flex-start; min-block-size: 0; padding: 14px 14px 18px;
    overflow-y: auto; overscroll-behavior: contain; container-type: inline-size; }
  .log:focus-visible { outline-offset: -3px; }
  :host([mode="page"]) .log { padding-inline: max(16px, calc((100% - 760px) / 2)); }
  .log > * { flex: none; }

  .day { align-self: center; margin: 8px 0 10px; color: var(--muted); font-size: 12px; }
  .message { display: flex; flex-direction: column; align-items: flex-start; gap: 6px; max-inline-size: min(100%, 620px); margin-block-start: 14px; }
  .message[data-follows] { margin-block-start: 8px; }
  .message.in { align-self: flex-end; align-items: flex-end; padding-inline-start: 40px; }
  .bubble { max-inline-size: 100%; padding: 8px 13px; border: 1px solid var(--border); border-radius: 14px; border-start-start-radius: 4px;
    background: var(--surface); overflow-wrap: anywhere; }
  .message.in .bubble { border-color: transparent; border-radius: 14px; border-start-end-radius: 4px; background: var(--mine); white-space: pre-wrap; }
  .message[data-delivery="waiting"] .bubble { opacity: 0.75; }
  .message[data-delivery="refused"] .bubble { border-color: var(--danger); }
  .bubble > * + * { margin-block-start: 8px; }
  .bubble .heading { font-weight: 600; }
  .bubble ul, .bubble ol { padding-inline-start: 22px; }
  .bubble ul { list-style: disc; }
  .bubble a { color: var(--accent); }
  .picture { display: block; inline-size: 100%; padding: 0; border: 1px solid var(--border); border-radius: 6px; background: none; cursor: zoom-in; overflow: hidden; }
  .picture img { display: block; inline-size: 100%; aspect-ratio: auto 1180 / 900; }
  .bubble code { padding: 1px 4px; border-radius: 4px; background: var(--soft); font: 0.92em/1.4 ui-monospace, Menlo, Consolas, monospace; }
  .bubble pre { margin: 0; padding: 8px 10px; border-radius: 8px; background: var(--soft); overflow-x: auto; }
  .bubble pre code { padding: 0; background: none; }
  .message > .meta { display: flex; flex-wrap: wrap; gap: 0 8px; padding-inline: 3px; color: var(--muted); font-size: 11.5px;
    font-variant-numeric: tabular-nums; line-height: 1.3; }
  .message > .meta.refused { justify-content: flex-end; align-items: baseline; color: var(--danger); font-size: 13px; text-align: end; }
  .message > .meta.refused .plain { color: inherit; font-weight: 600; }
  .notice { align-self: center; max-inline-size: 100%; margin-block-start: 14px; padding: 7px 14px; border-radius: 10px;
    background: var(--warn-ground); color: var(--warn-text); font-size: 13px; text-align: center; }

  .typing { display: flex; gap: 5px; margin-block-start: 14px; padding: 13px 14px; border: 1px solid var(--border);
    border-radius: 14px; border-start-start-radius: 4px; background: var(--surface); }
  .typing i { inline-size: 6px; block-size: 6px; border-radius: 50%; background: var(--muted); animation: pulse 1.2s infinite; }
  .typing i:nth-of-type(2) { animation-delay: 0.15s; }
  .typing i:nth-of-type(3) { animation-delay: 0.3s; }
  @keyframes pulse { 0%, 60%, 100% { opacity: 0.3; } 30% { opacity: 1; } }

  .quick { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 12px; }
  .quick button, .example { padding: 7px 13px; border: 1px solid var(--border); border-radius: 10px; background: var(--surface); color: var(--accent); text-align: start; }
  .quick button:hover, .example:hover { border-color: var(--accent); }
  .newer { position: absolute; inset-block-end: 84px; inset-inline: 0; inline-size: max-content; margin-inline: auto; padding: 6px 14px; border: 0;
    border-radius: 16px; background: var(--accent); color: var(--on-accent); font-size: 13px; box-shadow: 0 4px 12px rgb(16 32 48 / 0.25); }

  .standing, .talk { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 12px; padding: 8px 16px; border-block-end: 1px solid var(--border);
    background: var(--surface); font-size: 13px; }
  .standing:not(:has(*)) { display: none; }
  .talk h2 { font-size: 14px; }
  .queue { flex: none; padding: 8px 16px; border: 0; border-block-end: 1px solid var(--border); background: var(--warn-ground); color: var(--warn-text);
    font-weight: 600; text-align: start; }
  .chat[data-desk] > :not(.desk, .standing, .queue) { display: none; }
  .desk { display: flex; flex: 1; flex-direction: column; min-block-size: 0; }
  .desk ul { display: grid; gap: 8px; padding: 12px 16px; overflow-y: auto; }
  .desk .example { inline-size: 100%; }
  .desk > .empty { padding: 16px; }
  .offer { max-block-size: 30%; overflow-y: auto; padding: 8px 16px; border-block-start: 1px solid var(--border); font-size: 14px; }

  .welcome { align-self: center; inline-size: 100%; max-inline-size: 460px; margin-block: auto; padding: 16px 6px; text-align: center; }
  .welcome h2 { margin-block-end: 6px; font-size: 18px; font-weight: 600; }
  .welcome p { color: var(--muted); font-size: 14px; text-wrap: balance; }
  .welcome .label { margin-block: 22px 8px; font-size: 12px; }
  .welcome ul { display: grid; gap: 8px; }
  .welcome .example { inline-size: 100%; font-size: 14px; }
`;
