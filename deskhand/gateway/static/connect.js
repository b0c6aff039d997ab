// The page of a link from Slack or Teams: says which account it is, and links it when the signed-in person says yes.
"use strict";

const NAMES = { slack: "Slack", teams: "Microsoft Teams" };
const PROBLEMS = {
  link_over: [
    "这个链接已过期、已用过或不属于您。请在原处重新索取。",
    "This link is over, used, or not for you. Ask for a new one where you got it.",
  ],
  already_linked: [
    "这个账号或您本人已有关联。请先在“我的账号”里解除。",
    "This account, or you, are linked already. Unlink it on your account's page first.",
  ],
  channel_closed: ["贵公司没有开通这个渠道。", "Your company has this channel switched off."],
};
const UNKNOWN = ["暂时无法关联，请稍后再试。", "Linking is not possible now; please try again."];

const part = (id) => document.getElementById(id);
const token = decodeURIComponent(location.hash.slice(1));

function tell(texts) {
  part("problem").replaceChildren(both(texts));
  part("problem").hidden = false;
}

// What the link says of itself, for people to read; the gateway believes its signature alone.
function claims() {
  try {
    const body = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(body), (sign) => sign.charCodeAt(0))));
  } catch {
    return {};
  }
}

async function look() {
  const { channel, name } = claims();
  part("account").textContent = `${NAMES[channel] ?? ""} ${name ?? ""}`.trim();
  const response = await fetch("/api/session");
  part("signin").hidden = response.ok;
  part("form").hidden = !response.ok;
  if (!response.ok) return;
  const { user } = await response.json();
  part("asked").replaceChildren(
    both([
      `从这个账号写来的内容，将以 ${user.name}（${user.login}）的身份和权限处理。只有这是您自己的账号时才继续。`,
      `Whatever is written from this account will count as ${user.name} (${user.login}), with your rights. Go on only if the account is your own.`,
    ]),
  );
}

async function connect() {
  const response = await fetch("/api/messengers", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Requested-With": "deskhand" },
    body: JSON.stringify({ token: token || "-" }),
  });
  if (response.status === 401) return look();
  if (!response.ok) {
    const { code } = await response.json().catch(() => ({}));
    return tell(PROBLEMS[code] ?? UNKNOWN);
  }
  part("form").hidden = true;
  part("asked").replaceChildren(both(["已关联。可以回去继续了。", "Linked. You can go back and carry on there."]));
}

part("form").addEventListener("submit", (event) => {
  event.preventDefault();
  connect().catch(() => tell(UNKNOWN));
});
addEventListener("focus", () => part("form").hidden && !part("signin").hidden && look().catch(() => tell(UNKNOWN)));
look().catch(() => tell(UNKNOWN));
