// Replies made ahead of time: what waits for a person, what is in use, what was replaced. Texts are shown as text alone.
"use strict";

const SPOKEN = { zh: ["中文", "Chinese"], en: ["英文", "English"] };
const SOURCES = { llm: ["模型起草", "drafted by the model"], template: ["固定文句", "the fixed sentences"] };
const PROBLEMS = {
  role_not_allowed: ["您的角色不能批准回复。", "Your role may not approve replies."],
  text_not_possible: ["此文本并非对每种订单状态都正确，不能批准。", "It is not right for orders in every status, and can't be approved."],
  no_such_version: ["这个版本已不存在。", "That version is not there any more."],
};
const UNKNOWN = ["没有成功，请再试一次。", "That did not work; please try again."];
const NOTHING = ["没有。", "None."];

const part = (id) => document.getElementById(id);
const same = (one) => `${one.inquiry}/${one.language}`;

function tell(texts, alarm) {
  part("told").className = alarm ? "alarm" : "";
  part("told").replaceChildren(both(texts));
}

async function ask(method, path) {
  const response = await fetch(path, { method, headers: { "X-Requested-With": "deskhand" } });
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
  if (mayApprove) made.append(button(one));
  return made;
}

function button(one) {
  const approve = said("button", "", both(["批准", "Approve"]));
  approve.type = "button";
  approve.setAttribute("aria-label", `批准 · Approve: ${one.title.zh} · ${one.title.en}, ${SPOKEN[one.language].join(" · ")}, v${one.version}`);
  approve.addEventListener("click", async () => {
    approve.disabled = true;
    try {
      await ask("POST", `/api/reply-templates/${encodeURIComponent(one.inquiry)}/${one.language}/${one.version}/approve`);
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

// The newest approved version of each is in use; a draft that is older than it waits for nobody.
async function show() {
  const { items, may_approve: mayApprove } = await ask("GET", "/api/reply-templates");
  const used = new Map();
  for (const one of items) if (one.approved_by && one.version > (used.get(same(one))?.version ?? 0)) used.set(same(one), one);
  const newer = (one) => one.version > (used.get(same(one))?.version ?? 0);
  const older = items.filter((one) => !newer(one) && used.get(same(one)) !== one);
  fill("waiting", items.filter((one) => !one.approved_by && newer(one)), mayApprove);
  fill("used", [...used.values()], false);
  fill("older", older, false);
  part("older-part").hidden = !older.length;
}

show().catch((refused) => tell(PROBLEMS[refused?.code] ?? UNKNOWN, true));
