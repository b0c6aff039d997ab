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

const query = new URLSearchParams(location.search);
const part = (id) => document.getElementById(id);

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

function offer(path, { tenant }, texts) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `${path}?tenant=${encodeURIComponent(tenant)}`;
  link.append(both(texts));
  item.append(link);
  return item;
}

// Who has just signed out here is still signed in at the company's provider.
function provider(offered) {
  const { name } = offered;
  const items = [offer("/signin/oidc", offered, [`用 ${name} 登录`, `Sign in with ${name}`])];
  if (query.has("signed_out")) {
    items.push(offer("/signin/oidc/signout", offered, [`同时退出 ${name}`, `Sign out of ${name} too`]));
  }
  return items;
}

// The company that the address names (/?tenant=...); after signing out the one that it named before.
function namedCompany() {
  const named = query.get("tenant");
  if (named !== null) sessionStorage.setItem("deskhand-company", named);
  return named ?? (query.has("signed_out") ? sessionStorage.getItem("deskhand-company") : null) ?? "";
}

// Of the named company, or of this desk's own.
async function showOptions() {
  const company = namedCompany();
  part("tenant").value = company;
  const response = await fetch(`/api/signin/options${company ? `?tenant=${encodeURIComponent(company)}` : ""}`);
  if (!response.ok) return;
  const { password, oidc, several } = await response.json();
  part("company").hidden = !several;
  part("form").hidden = !password;
  part("providers").replaceChildren(...oidc.flatMap(provider));
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
