// The sign-in page: lists the demo's users where the gateway names any, and signs in with login and password.
"use strict";

const ROLES = {
  customer: ["客户", "Customer"],
  sales: ["销售", "Sales"],
  warehouse: ["仓库", "Warehouse"],
  finance: ["财务", "Finance"],
  manager: ["经理", "Manager"],
  admin: ["管理员", "Administrator"],
};
const PROBLEMS = {
  sign_in_refused: () => ["用户名或密码不正确。", "Login or password is wrong."],
  too_many_requests: ({ seconds }) => [
    `尝试次数过多，请在 ${seconds} 秒后再试。`,
    `Too many attempts; please try again in ${seconds} seconds.`,
  ],
  invalid_request: () => ["请输入用户名和密码。", "Enter login and password."],
};
const UNKNOWN = ["暂时无法登录，请稍后再试。", "Signing in is not possible now; please try again."];

const part = (id) => document.getElementById(id);

function both(texts) {
  const parts = document.createDocumentFragment();
  ["zh-CN", "en"].forEach((lang, index) => {
    const span = document.createElement("span");
    span.lang = lang;
    span.textContent = texts[index];
    if (index) parts.append(" · ");
    parts.append(span);
  });
  return parts;
}

function row(user) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const name = document.createElement("strong");
  const role = document.createElement("span");
  link.href = user.link;
  link.dataset.login = user.login;
  name.textContent = user.name;
  role.className = "role";
  role.append(both(ROLES[user.role] ?? [user.role, user.role]));
  link.append(name, role);
  item.append(link);
  return item;
}

function provider(offered) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `/signin/oidc?tenant=${encodeURIComponent(offered.tenant)}`;
  link.append(both([`用 ${offered.name} 登录`, `Sign in with ${offered.name}`]));
  item.append(link);
  return item;
}

// Of the company that the address names (/?tenant=...), or of this desk's own.
async function showOptions() {
  const company = new URLSearchParams(location.search).get("tenant") ?? "";
  part("tenant").value = company;
  const response = await fetch(`/api/signin/options${company ? `?tenant=${encodeURIComponent(company)}` : ""}`);
  if (!response.ok) return;
  const { password, oidc, several } = await response.json();
  part("company").hidden = !several;
  part("form").hidden = !password;
  part("providers").replaceChildren(...oidc.map(provider));
  part("providers").hidden = oidc.length === 0;
}

async function showDemo() {
  const response = await fetch("/api/demo/users");
  if (!response.ok) return;
  const { users } = await response.json();
  part("users").replaceChildren(...users.map(row));
  part("demo").hidden = users.length === 0;
}

async function signIn(event) {
  event.preventDefault();
  const form = new FormData(part("form"));
  part("problem").hidden = true;
  const response = await fetch("/api/sessions", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Requested-With": "deskhand" },
    body: JSON.stringify({
      login: form.get("login"),
      password: form.get("password"),
      ...(form.get("tenant") ? { tenant: form.get("tenant") } : {}),
    }),
  });
  if (response.ok) return location.assign("/desk");
  const { code, data } = await response.json().catch(() => ({}));
  part("problem").replaceChildren(both((PROBLEMS[code] ?? (() => UNKNOWN))(data ?? {})));
  part("problem").hidden = false;
  for (const field of ["name", "password"]) part(field).setAttribute("aria-invalid", String(code === "sign_in_refused"));
  part("password").focus();
}

part("form").addEventListener("submit", (event) => {
  signIn(event).catch(() => {
    part("problem").replaceChildren(both(UNKNOWN));
    part("problem").hidden = false;
  });
});
showOptions().catch(() => {});
showDemo().catch(() => {});
