// The whole conversation to take away: as text, or as a page that needs nothing else. Knows nothing of rendering.
import { problemCode, type Call } from "./api.js";
import { translator } from "./i18n.js";
import type { Card, Language, Message } from "./types.js";
import { dateAndTime } from "./time.js";

interface Page {
  messages: Message[];
  next: number | null;
}

/** From its beginning, and not only what the page shows. Throws the code of what went wrong. */
export async function wholeOf(conversation: string, call: Call): Promise<Message[]> {
  const all: Message[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const got: Response | undefined = await call("GET", `/api/conversations/${encodeURIComponent(conversation)}?after=${after}`);
    if (!got?.ok) throw new Error(await problemCode(got));
    const { messages, next } = (await got.json()) as Page;
    all.push(...messages);
    after = next;
  }
  return all;
}

/** What a card says, a line each. */
function cardLines(card: Card): string[] {
  const { title, status, facts = [], lines = [], items = [], table, total, outcome } = card;
  return [
    [title, status?.label].filter(Boolean).join(" · "),
    ...facts.map(({ label, value }) => `${label}: ${value}`),
    ...lines.map(({ name, quantity, unit, unit_price, amount, note }) =>
      [`${name} ${quantity} ${unit}${unit_price ? ` × ${unit_price}` : ""}${amount ? ` = ${amount}` : ""}`, note].filter(Boolean).join(" · ")),
    ...(table ? [table.columns, ...table.rows.map(({ cells }) => cells)].map((cells) => cells.join(" | ")) : []),
    ...items.map(({ title: name, subtitle }) => [name, subtitle].filter(Boolean).join(" · ")),
    ...(total ? [`${total.label}: ${total.value}`] : []),
    ...(outcome ? [["→", outcome.text, outcome.by, outcome.at && dateAndTime(outcome.at, card.language)].filter(Boolean).join(" ")] : []),
  ].map((line) => `  ${line}`);
}

const bodyOf = ({ text, card }: Message): string => [...(text ? [text] : []), ...(card?.title ? cardLines(card) : [])].join("\n");

function headOf({ direction, by, at }: Message, me: string, language: Language): [string, string] {
  return [direction === "in" ? me : (by ?? translator(language)("bot")), dateAndTime(at, language)];
}

const said = (messages: Message[]): Message[] => messages.filter((message) => bodyOf(message));

export function asText(messages: Message[], me: string, language: Language): Blob {
  const blocks = said(messages).map((message) => `${headOf(message, me, language).join(" · ")}\n${bodyOf(message)}\n`);
  return new Blob(["\ufeff", [`${translator(language)("log")} · ${me}\n`, ...blocks].join("\n")], { type: "text/plain;charset=utf-8" });
}

const STYLE = "body{font:15px/1.5 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em}p{margin:0 0 1em;white-space:pre-wrap;overflow-wrap:anywhere}h2{font-size:1em;margin:0}time{color:#555;font-weight:400}";

/** Made of nodes, so that what people wrote stays text there too. */
export function asPage(messages: Message[], me: string, language: Language): Blob {
  const title = `${translator(language)("log")} · ${me}`;
  const page = document.implementation.createHTMLDocument(title);
  page.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  const add = (parent: Element, name: string, text: string, attributes: Record<string, string> = {}): Element => {
    const made = page.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent.append(made);
    return made;
  };
  add(page.head, "meta", "", { charset: "utf-8" });
  add(page.body, "h1", title);
  for (const message of said(messages)) {
    const [who, when] = headOf(message, me, language);
    add(add(page.body, "h2", `${who} `), "time", when, { datetime: message.at });
    add(page.body, "p", bodyOf(message), { dir: "auto" });
  }
  // A style element would be held against this page's policy; in the file it is a page of its own.
  const whole = page.documentElement.outerHTML.replace("</head>", `<style>${STYLE}</style></head>`);
  return new Blob([`<!doctype html>${whole}`], { type: "text/html;charset=utf-8" });
}

export function hand(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
