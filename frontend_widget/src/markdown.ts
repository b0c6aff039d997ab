// A small, safe subset of Markdown as Lit templates: paragraphs, lists, headings, code, bold, italic, links.
// No HTML is ever parsed, so there is nothing to sanitise. Knows nothing of messages.
import { html, type TemplateResult } from "lit";

type Part = string | TemplateResult;

const INLINE = new RegExp(
  [
    "\\\\([\\\\*`\\[\\]_#-])", // 1 escaped character
    "`([^`\\n]+)`", // 2 code
    "\\*\\*(?=\\S)([^\\n]*?\\S)\\*\\*", // 3 bold
    "(?<![\\p{L}\\p{N}*])\\*(?=[^\\s*])([^*\\n]*?[^\\s*])\\*(?![\\p{L}\\p{N}*])", // 4 italic; 3*5*2 is none
    "\\[([^\\]\\n]+)\\]\\(([^()\\s]+)\\)", // 5 text, 6 address of a link
    "(https?://[^\\s<>()\"'，。；！？、）》]+[^\\s<>()\"'，。；！？、）》.,;:!?])", // 7 bare address
  ].join("|"),
  "gu",
);

const SAFE_ADDRESS = /^(https?:\/\/|mailto:|\/(?!\/))/i;

function link(text: Part[] | string, address: string): TemplateResult {
  return html`<a href=${address} target="_blank" rel="noopener noreferrer">${text}</a>`;
}

function inlinePart(match: RegExpMatchArray): Part {
  const [whole, escaped, code, bold, italic, label, address, bare] = match;
  if (escaped !== undefined) return escaped;
  if (code !== undefined) return html`<code>${code}</code>`;
  if (bold !== undefined) return html`<strong>${inline(bold)}</strong>`;
  if (italic !== undefined) return html`<em>${inline(italic)}</em>`;
  if (label !== undefined && address !== undefined) return SAFE_ADDRESS.test(address) ? link(inline(label), address) : whole;
  if (bare !== undefined) return link(bare, bare);
  return whole;
}

export function inline(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(inlinePart(match));
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBER = /^\s*(\d{1,3})[.)]\s+(.*)$/;
const HEADING = /^#{1,6}\s+(.*)$/;
const FENCE = /^```/;

/** Takes lines from `at` on while they match; gives the caught texts and the place after them. */
function run(lines: string[], at: number, pattern: RegExp): { texts: string[]; next: number } {
  const texts: string[] = [];
  let next = at;
  for (let match = pattern.exec(lines[next] ?? ""); match; match = pattern.exec(lines[next] ?? "")) {
    texts.push(match[match.length - 1] ?? "");
    next += 1;
  }
  return { texts, next };
}

function fenced(lines: string[], at: number): { code: string; next: number } {
  let next = at + 1;
  while (next < lines.length && !FENCE.test(lines[next]!)) next += 1;
  return { code: lines.slice(at + 1, next).join("\n"), next: next + 1 };
}

const opensBlock = (line: string): boolean =>
  line.trim() === "" || BULLET.test(line) || NUMBER.test(line) || HEADING.test(line) || FENCE.test(line);

function paragraph(lines: string[]): TemplateResult {
  return html`<p>${lines.map((line, index) => (index ? [html`<br />`, ...inline(line)] : inline(line)))}</p>`;
}

function block(lines: string[], at: number): { view: TemplateResult; next: number } {
  const line = lines[at]!;
  const heading = HEADING.exec(line);
  if (heading) return { view: html`<p class="heading">${inline(heading[1] ?? "")}</p>`, next: at + 1 };
  if (FENCE.test(line)) {
    const { code, next } = fenced(lines, at);
    return { view: html`<pre tabindex="0"><code>${code}</code></pre>`, next };
  }
  if (BULLET.test(line)) {
    const { texts, next } = run(lines, at, BULLET);
    return { view: html`<ul>${texts.map((text) => html`<li>${inline(text)}</li>`)}</ul>`, next };
  }
  const number = NUMBER.exec(line);
  if (number) {
    const { texts, next } = run(lines, at, NUMBER);
    return { view: html`<ol start=${number[1]!}>${texts.map((text) => html`<li>${inline(text)}</li>`)}</ol>`, next };
  }
  let next = at + 1;
  while (next < lines.length && !opensBlock(lines[next]!)) next += 1;
  return { view: paragraph(lines.slice(at, next)), next };
}

export function markdown(text: string): TemplateResult[] {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const blocks: TemplateResult[] = [];
  for (let at = 0; at < lines.length; ) {
    if (lines[at]!.trim() === "") {
      at += 1;
      continue;
    }
    const { view, next } = block(lines, at);
    blocks.push(view);
    at = next;
  }
  return blocks;
}
