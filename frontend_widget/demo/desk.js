// The bar of the desk page: who is signed in, the language, signing out. The widget tells; this only shows.
"use strict";

const TEXTS = {
  zh: {
    language: "English",
    signOut: "退出登录",
    account: "我的账号",
    everywhere: "退出所有设备",
    failed: "暂时无法退出所有设备，请再试一次。",
    title: "订单助手",
  },
  en: {
    language: "中文",
    signOut: "Sign out",
    account: "My account",
    everywhere: "Sign out everywhere",
    failed: "Signing out everywhere did not work; please try again.",
    title: "Order desk",
  },
};

const chat = document.querySelector("deskhand-chat");
const part = (id) => document.getElementById(id);
let state = { language: "zh", user: null, role: "" };
let failed = false;

function show() {
  const texts = TEXTS[state.language];
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  part("desk-user").textContent = state.user ? state.user.name : "";
  part("desk-role").textContent = state.role;
  part("desk-language").textContent = texts.language;
  part("desk-language").lang = state.language === "zh" ? "en" : "zh-CN";
  part("desk-account").textContent = texts.account;
  part("desk-sign-out").textContent = texts.signOut;
  part("desk-sign-out-everywhere").textContent = texts.everywhere;
  part("desk-problem").textContent = failed ? texts.failed : "";
}

const toSignIn = () => location.assign("/");

// All sessions of this user, here and elsewhere; then what this browser kept of it is forgotten.
async function signOutEverywhere() {
  failed = false;
  show();
  const response = await fetch("/api/sessions/all", {
    method: "DELETE",
    headers: { "X-Requested-With": "deskhand" },
  }).catch(() => null);
  failed = !(response?.ok || response?.status === 401); // 401: somebody else was quicker
  show();
  if (failed) return;
  await chat.signOut().catch(() => {});
  location.assign("/?signed_out");
}

document.addEventListener("deskhand-state", (event) => {
  state = event.detail;
  show();
});
document.addEventListener("deskhand-sign-in", toSignIn);
part("desk-language").addEventListener("click", () => {
  chat.language = state.language === "zh" ? "en" : "zh";
});
part("desk-sign-out").addEventListener("click", () => chat.signOut().then(() => location.assign("/?signed_out")));
part("desk-sign-out-everywhere").addEventListener("click", signOutEverywhere);

show();
