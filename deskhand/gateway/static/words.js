// What the pages say is said in Chinese and in English, each marked as what it is.
"use strict";

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
