// The page of a sign-in link: it is used when somebody presses the button, not when a mail program looks at it.
"use strict";

const PROBLEMS = {
  link_used: [
    "这个链接已用过或已被收回。请向管理员要一个新的，或改用密码。",
    "This link was used or withdrawn. Ask your administrator for a new one, or use a password.",
  ],
  session_expired: [
    "这个链接已过期。请向管理员要一个新的。",
    "This link has expired. Ask your administrator for a new one.",
  ],
  session_forged: [
    "这个链接不完整或无效。请检查是否复制完整，或向管理员要一个新的。",
    "This link is not whole or not valid. See whether all of it was copied, or ask your administrator for a new one.",
  ],
  too_many_requests: ["尝试次数过多，请稍后再试。", "Too many attempts; please wait a moment."],
};
const UNKNOWN = ["暂时无法登录，请稍后再试。", "Signing in is not possible now; please try again."];

const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

function tell(texts) {
  const problem = document.getElementById("problem");
  problem.replaceChildren(both(texts));
  problem.hidden = false;
}

async function signIn() {
  const response = await fetch("/api/sessions/link", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Requested-With": "deskhand" },
    body: JSON.stringify({ token: decodeURIComponent(token) || "-" }),
  });
  if (response.ok) return location.replace("/desk");
  const { code } = await response.json().catch(() => ({}));
  tell(PROBLEMS[code] ?? UNKNOWN);
}

document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  signIn().catch(() => tell(UNKNOWN));
});
