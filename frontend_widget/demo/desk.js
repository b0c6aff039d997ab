// The bar of the desk page: who is signed in, the language, signing out. The widget tells; this only shows.
"use strict";

const TEXTS = {
  zh: { language: "English", signOut: "退出登录", title: "订单助手" },
  en: { language: "中文", signOut: "Sign out", title: "Order desk" },
};

const chat = document.querySelector("deskhand-chat");
const part = (id) => document.getElementById(id);
let state = { language: "zh", user: null, role: "" };

function show() {
  const texts = TEXTS[state.language];
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  part("desk-user").textContent = state.user ? state.user.name : "";
  part("desk-role").textContent = state.role;
  part("desk-language").textContent = texts.language;
  part("desk-language").lang = state.language === "zh" ? "en" : "zh-CN";
  part("desk-sign-out").textContent = texts.signOut;
}

const toSignIn = () => location.assign("/");

document.addEventListener("deskhand-state", (event) => {
  state = event.detail;
  show();
});
document.addEventListener("deskhand-sign-in", toSignIn);
part("desk-language").addEventListener("click", () => {
  chat.language = state.language === "zh" ? "en" : "zh";
});
part("desk-sign-out").addEventListener("click", () => chat.signOut().then(() => location.assign("/?signed_out")));

show();
