// One's own account: rights lent to a colleague while away, the password, where one is signed in.
"use strict";

const HOW = { password: ["密码", "password"], link: ["链接", "link"], demo_link: ["演示链接", "demo link"], oidc: ["公司登录", "company sign-in"] };
const PROBLEMS = {
  password_wrong: () => ["现在的密码不正确。", "The present password is wrong."],
  password: () => ["请输入现在的密码。", "Enter your present password."],
  different: () => ["两次输入的新密码不同。", "The new passwords differ."],
  new_password: () => ["新密码需要 10 到 1024 个字符，首尾不能是空格。", "A new password has 10 to 1024 characters and no blank at its ends."],
  delegate: () => ["请填写代办人的用户名。", "Enter your colleague's login."],
  until: () => ["请选择到哪一天为止。", "Choose until which day."],
  unknown_user: ({ user }) => [`没有用户 ${user}。`, `There is no user ${user}.`],
  role_not_allowed: () => ["您的角色不能交给别人代办。", "Your role may not hand its rights to others."],
  too_many_requests: ({ seconds }) => [`尝试次数过多，请在 ${seconds} 秒后再试。`, `Too many attempts; please try again in ${seconds} seconds.`],
};
const UNKNOWN = ["没有成功，请再试一次。", "That did not work; please try again."];
const REASONS = {
  to_oneself: ["不能交给自己，请填一位同事。", "Rights are lent to somebody else: enter a colleague."],
  from_a_customer: ["客户账号不能交给别人代办。", "A customer can't lend rights."],
  to_a_customer: ["只能交给同事，不能交给客户。", "Rights are lent to staff only, not to a customer."],
  locked: ["您或对方的账号已被停用。", "Your account or theirs is locked."],
  ends_before_it_begins: ["结束日期早于开始日期。", "It would end before it begins."],
  over_already: ["这个结束日期已经过去。", "That day is over already."],
  not_a_time: ["日期不正确。", "That is no date."],
};

const part = (id) => document.getElementById(id);

function tell(place, texts, alarm) {
  part(place).className = alarm ? "alarm" : "";
  part(place).replaceChildren(both(texts));
}

async function ask(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { "Content-Type": "application/json", "X-Requested-With": "deskhand" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (response.status === 401) return location.assign("/");
  if (response.status === 204) return {};
  const answer = await response.json();
  if (!response.ok) throw answer;
  return answer;
}

// What was refused, in words: by the field, by the reason, by the code; else what the gateway says itself.
function said({ code, data = {}, detail }) {
  const known = PROBLEMS[data.field] ?? PROBLEMS[code];
  if (known) return known(data);
  return REASONS[data.problem] ?? (detail ? [detail, detail] : UNKNOWN);
}

const day = (at) => new Date(at).toLocaleString(navigator.language, { dateStyle: "medium", timeStyle: "short" });

function item(texts, ...more) {
  const row = document.createElement("li");
  const line = document.createElement("span");
  line.className = "entry";
  line.append(...texts);
  row.append(line, ...more);
  return row;
}

function delegationRow(one) {
  const end = document.createElement("button");
  end.type = "button";
  end.append(both(["结束", "End"]));
  end.setAttribute("aria-label", `结束 · End: ${one.away} → ${one.delegate}`);
  end.addEventListener("click", () => attempt("away-told", async () => {
    await ask("DELETE", `/api/delegations/${encodeURIComponent(one.id)}`);
    await showDelegations();
    tell("away-told", ["已结束。", "Ended."]);
    part("to").focus();
  }));
  const reason = one.reason ? ` (${one.reason})` : "";
  return item([`${one.away} → ${one.delegate}, ${day(one.from)} – ${day(one.until)}${reason}`], end);
}

async function showDelegations() {
  const { items } = await ask("GET", "/api/delegations");
  const now = Date.now();
  part("delegations").replaceChildren(
    ...items.filter((one) => !one.ended_at && Date.parse(one.until) > now).map(delegationRow),
  );
}

function sessionRow(one) {
  const here = one.current ? [" ", both(["（这里）", "(here)"])] : [];
  return item([both(HOW[one.how] ?? [one.how, one.how]), `, ${day(one.created_at)} – ${day(one.seen_at)}`, ...here]);
}

async function showSessions() {
  const { items } = await ask("GET", "/api/sessions");
  part("sessions").replaceChildren(...items.map(sessionRow));
}

async function showWho() {
  const { user } = await ask("GET", "/api/session");
  part("who").textContent = `${user.name} (${user.login})`;
  part("login").value = user.login;
  part("replies").hidden = user.role === "customer";
  const { password } = await ask("GET", `/api/signin/options?tenant=${encodeURIComponent(user.tenant)}`);
  part("secret").hidden = !password;
}

async function attempt(place, work) {
  try {
    await work();
  } catch (refused) {
    tell(place, said(refused ?? {}), true);
  }
}

const given = (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => value));

part("delegate").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt("away-told", async () => {
    await ask("POST", "/api/delegations", given(event.target));
    event.target.reset();
    await showDelegations();
    tell("away-told", ["已交给同事代办。", "Your colleague may act for you."]);
  });
});

part("password").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt("secret-told", async () => {
    const { login, ...fields } = given(event.target);
    if (part("new").value !== part("again").value) throw { code: "different" };
    await ask("POST", "/api/password", fields);
    event.target.reset();
    part("login").value = login;
    await showSessions();
    tell("secret-told", ["密码已修改，其他设备已退出。", "The password is changed; other devices are signed out."]);
  });
});

part("everywhere").addEventListener("click", () => attempt("sessions-told", async () => {
  await ask("DELETE", "/api/sessions/all");
  location.assign("/?signed_out");
}));

const MESSENGERS = { slack: "Slack", teams: "Microsoft Teams" };
const NOTICES = {
  at_once: ["立即通知", "Tell me at once"],
  unread: ["10 分钟未读才通知", "Only what I left unread for 10 minutes"],
  never: ["不通知", "Never tell me there"],
};

function noticesOf(one) {
  const choice = document.createElement("select");
  choice.setAttribute("aria-label", `通知 · Notices: ${MESSENGERS[one.channel]}`);
  for (const [value, texts] of Object.entries(NOTICES)) choice.append(new Option(texts.join(" · "), value));
  choice.value = one.notices;
  choice.addEventListener("change", () => attempt("links-told", async () => {
    await ask("PATCH", `/api/messengers/${one.channel}/notices`, { notices: choice.value });
    tell("links-told", ["已保存。", "Saved."]);
  }));
  return choice;
}

function linkRow(one) {
  const end = document.createElement("button");
  end.type = "button";
  end.append(both(["解除关联", "Unlink"]));
  end.setAttribute("aria-label", `解除关联 · Unlink: ${MESSENGERS[one.channel]}`);
  end.addEventListener("click", () => attempt("links-told", async () => {
    await ask("DELETE", `/api/messengers/${one.channel}`);
    await showLinks();
    tell("links-told", ["已解除。", "Unlinked."]);
  }));
  return item([`${MESSENGERS[one.channel]} ${one.name}`], noticesOf(one), end);
}

async function showLinks() {
  const { items } = await ask("GET", "/api/messengers");
  part("links").replaceChildren(...items.map(linkRow));
  part("messengers").hidden = !items.length;
}

for (const show of [showWho, showDelegations, showSessions, showLinks]) show().catch(() => tell("sessions-told", UNKNOWN, true));
