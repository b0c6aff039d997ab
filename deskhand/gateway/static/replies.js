// Replies made ahead of time: what waits for a person, what is in use, what was replaced. Texts are shown as text alone.
"use strict";

const SPOKEN = { zh: ["中文", "Chinese"], en: ["英文", "English"] };
const SOURCES = { llm: ["模型起草", "drafted by the model"], template: ["固定文句", "the fixed sentences"], person: ["人工撰写", "worded by a person"] };
const PROBLEMS = {
  role_not_allowed: ["您的角色不能批准回复。", "Your role may not approve replies."],
  text_not_possible: ["此文本并非对每种订单状态都正确，不能批准。", "It is not right for orders in every status, and can't be approved."],
  model_away: ["语言模型暂时不可用，没有起草任何内容。请稍后再试，或自己撰写。", "The language model is not there now; nothing was drafted. Try again later, or word it yourself."],
  no_such_version: ["这个版本已不存在。", "That version is not there any more."],
};
const UNKNOWN = ["没有成功，请再试一次。", "That did not work; please try again."];
const NOTHING = ["没有。", "None."];

const ALL = "/api/reply-templates";
let kinds = new Map();

const part = (id) => document.getElementById(id);
const same = (one) => `${one.inquiry}/${one.language}`;

function tell(texts, alarm) {
  part("told").className = alarm ? "alarm" : "";
  part("told").replaceChildren(both(texts));
}

async function ask(method, path, body) {
  const headers = { "X-Requested-With": "deskhand", ...(body ? { "Content-Type": "application/json" } : {}) };
  const response = await fetch(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  if (response.status === 401) return location.assign("/");
  const answer = await response.json();
  if (!response.ok) throw answer;
  return answer;
}

function said(tag, className, ...parts) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...parts);
  return made;
}

function row(one, mayApprove) {
  const title = said("h3", "", both([one.title.zh, one.title.en]), " (", both(SPOKEN[one.language]), `, v${one.version})`);
  const text = said("p", "reply", one.text);
  text.lang = one.language === "zh" ? "zh-CN" : "en";
  const by = one.approved_by ? [", ", both(["批准人", "approved by"]), `: ${one.approved_by}`] : [];
  const made = said("li", "", title, text, said("p", "role", both(SOURCES[one.source] ?? [one.source, one.source]), `, ${one.drafted_by}`, ...by));
  made.dataset.version = `${same(one)}/${one.version}`;
  if (mayApprove) made.append(button(one), " ");
  made.append(editing(one, made));
  return made;
}

const named = (one) => `${one.title.zh} · ${one.title.en}, ${SPOKEN[one.language].join(" · ")}, v${one.version}`;

function pressed(texts, label, act) {
  const made = said("button", "", both(texts));
  made.type = "button";
  if (label) made.setAttribute("aria-label", `${texts.join(" · ")}: ${label}`);
  made.addEventListener("click", act);
  return made;
}

// What is changed is a version of its own; the one that it came from stays as it is.
function editing(one, place) {
  const open = pressed(["修改", "Edit"], named(one), () => {
    const form = document.createElement("form");
    const field = document.createElement("textarea");
    field.value = one.text;
    field.rows = 4;
    field.maxLength = 2000;
    field.lang = one.language === "zh" ? "zh-CN" : "en";
    field.setAttribute("aria-label", `回复文本 · Text of the reply: ${named(one)}`);
    const needs = kinds.get(one.inquiry)?.facts.map((key) => `{${key}}`).join(" ") ?? "";
    const hint = said("p", "role", both(["须包含", "Must contain"]), `: ${needs}`);
    const close = () => (form.replaceWith(open), open.focus());
    const save = said("button", "", both(["保存为新版本", "Save as a new version"]));
    form.append(field, hint, save, " ", pressed(["取消", "Cancel"], "", close));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      save.disabled = true;
      try {
        const made = await ask("POST", ALL, { inquiry: one.inquiry, language: one.language, text: field.value });
        await show();
        tell(["已保存，待批准。", "Saved; it waits for approval."]);
        found(made)?.focus();
      } catch (refused) {
        tell(explained(refused), true);
        field.focus();
      }
      save.disabled = false;
    });
    open.replaceWith(form);
    field.focus();
  });
  return open;
}

// The placeholders that are missing, and what stands there and may not.
function explained(refused) {
  const verdict = refused?.data?.verdict;
  const texts = PROBLEMS[refused?.code] ?? UNKNOWN;
  if (!verdict) return texts;
  const lacks = verdict.missing.map((key) => `{${key}}`).join(" ");
  const odd = verdict.invented.join(" ");
  return [
    texts[0] + (lacks ? ` 缺少：${lacks}` : "") + (odd ? ` 不可以写：${odd}` : ""),
    texts[1] + (lacks ? ` Missing: ${lacks}` : "") + (odd ? ` Not to be said: ${odd}` : ""),
  ];
}

const found = (one) => document.querySelector(`li[data-version="${CSS.escape(`${same(one)}/${one.version}`)}"] button`);

// One language after the other, so that people see how far it is; what is there already stays when the second fails.
async function begin(event) {
  event.preventDefault();
  const inquiry = part("inquiry").value;
  part("begin").disabled = true;
  part("draft").setAttribute("aria-busy", "true");
  try {
    let made, refused = false;
    for (const [step, language] of Object.keys(SPOKEN).entries()) {
      tell([`正在起草${SPOKEN[language][0]}（${step + 1}/2）…`, `Drafting: ${SPOKEN[language][1]} (${step + 1} of 2)…`]);
      made = await ask("POST", ALL, { inquiry, language });
      refused ||= made.reason === "facts_wrong";
      await show();
    }
    tell(refused
      ? ["模型写的不完全正确，所以用固定文句作为草稿；可以修改。", "What the model wrote was not right throughout, so the fixed sentences are the draft; you can edit them."]
      : ["已起草，待批准。", "Drafted; it waits for approval."]);
    (found(made) ?? part("waiting-title")).focus();
  } catch (refused) {
    tell(explained(refused), true);
    part("begin").disabled = false;
    part("begin").focus();
  }
  part("begin").disabled = false;
  part("draft").removeAttribute("aria-busy");
}

function button(one) {
  const approve = pressed(["批准", "Approve"], named(one), async () => {
    approve.disabled = true;
    try {
      await ask("POST", `${ALL}/${encodeURIComponent(one.inquiry)}/${one.language}/${one.version}/approve`);
      await show();
      tell(["已批准，即刻使用。", "Approved, and in use from now on."]);
      (document.querySelector("#waiting button") ?? part("waiting-title")).focus();
    } catch (refused) {
      approve.disabled = false;
      tell(PROBLEMS[refused?.code] ?? UNKNOWN, true);
      approve.focus();
    }
  });
  return approve;
}

function fill(place, items, mayApprove) {
  const none = said("li", "role", both(NOTHING));
  part(place).replaceChildren(...(items.length ? items.map((one) => row(one, mayApprove)) : [none]));
}

function offer(inquiries) {
  part("draft-part").hidden = false;
  if (kinds.size) return;
  kinds = new Map(inquiries.map((one) => [one.inquiry, one]));
  part("inquiry").replaceChildren(...inquiries.map((one) => new Option(`${one.title.zh} · ${one.title.en}`, one.inquiry)));
}

// The newest approved version of each is in use; a draft that is older than it waits for nobody.
async function show() {
  const { items, inquiries, may_approve: mayApprove } = await ask("GET", ALL);
  offer(inquiries);
  const used = new Map();
  for (const one of items) if (one.approved_by && one.version > (used.get(same(one))?.version ?? 0)) used.set(same(one), one);
  const newer = (one) => one.version > (used.get(same(one))?.version ?? 0);
  const older = items.filter((one) => !newer(one) && used.get(same(one)) !== one);
  fill("waiting", items.filter((one) => !one.approved_by && newer(one)), mayApprove);
  fill("used", [...used.values()], false);
  fill("older", older, false);
  part("older-part").hidden = !older.length;
}

part("draft").addEventListener("submit", begin);
show().catch((refused) => tell(PROBLEMS[refused?.code] ?? UNKNOWN, true));
