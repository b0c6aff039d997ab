// Words for codes: of errors, roles, decisions; and what each role may begin with. Knows nothing of where they are shown.
import { pick, texts } from "./i18n.js";
import type { Language } from "./types.js";

const errors: Record<string, readonly [string, string]> = {
  bot_unavailable: ["助手暂时无法回答。您的消息已保存，恢复后会自动处理。",
    "The desk cannot answer right now. Your message is kept and will be answered as soon as it is back."],
  message_empty: ["消息是空的，请先写点内容。", "The message is empty. Please write something first."],
  message_too_long: ["消息太长了，请分成几条发送。", "The message is too long. Please send it in parts."],
  file_type: ["只能导入 CSV、Excel 或 JSON 文件", "only CSV, Excel and JSON files can be imported"],
  request_too_large: ["文件太大", "it is too large"],
  role_not_allowed: ["您没有这项权限", "you may not do that"],
  not_sent: ["上传中断", "it did not get through"],
  no_answer: ["暂时没有连接，请稍后再试。", "No connection; please try again."],
  reason_needed: ["请填写原因。", "Please say why."],
  case_changed: texts.changedSince,
  already_decided: ["已有同事处理。", "A colleague has decided it already."],
  other_person_needed: ["需由另一位同事处理。", "Another person has to decide this."],
  must_be_heard: ["这一类至少要保留一种通知方式。", "At least one way has to stay on for this."],
  message_not_text: ["这里只能发送文字。", "Only text can be sent here."],
  card_expired: texts.cardExpired,
  card_used: ["这张卡片已经处理过了，没有重复执行。", "This card has already been answered; nothing was done twice."],
  card_unknown: ["找不到这张卡片，请重新说一遍。", "This card is not known any more. Please say it again."],
  card_action_unknown: ["这张卡片上没有这个按钮，没有执行。", "This card has no such button; nothing was done."],
  turn_failed: ["没能处理您的话，没有改动任何数据。请再说一遍。", "That could not be handled and nothing was changed. Please say it again."],
  turn_expired: ["这句话等得太久，没有执行。请再说一遍。", "That waited too long and was not done. Please say it again."],
  message_invalid: ["这条消息无法识别，请改一改再发。", "That message could not be read. Please change it and send it again."],
  too_many_messages: ["前面的消息还在处理，请稍等片刻再试。", "Earlier messages are still being handled. Please wait a moment and try again."],
  session_expired: ["登录已过期，请重新登录。", "Your session has expired. Please sign in again."],
  too_many_requests: ["发送得太快了，请稍等片刻再试。", "That was a little fast. Please wait a moment and try again."],
  handover_taken: ["已有同事接手。", "A colleague has this conversation already."],
  handover_over: ["对话已交还机器人。", "The bot has this conversation again."],
  handover_own: ["这是您自己提出的请求，要由同事接手。", "You asked for this yourself; a colleague has to take it."],
  person_answers: ["现在由同事回复，卡片按钮暂不可用；可先回到机器人。", "A person has this conversation; go back to the bot to use the buttons."],
  unknown_task: texts.noLonger,
  version_conflict: texts.changedSince,
  signed_out: ["您已退出登录，请重新登录。", "You are signed out. Please sign in again."],
};

const unknownError = ["出了点问题，没有执行。请再试一次。", "Something went wrong and nothing was done. Please try again."] as const;

const decisions: Record<string, readonly [string, string]> = {
  approve: ["批准", "Approve"],
  reject: ["驳回", "Reject"],
  complete: ["完成", "Done"],
  return: ["退回更正", "Send back"],
  resubmit: ["重新提交", "Hand in again"],
};

const roles: Record<string, readonly [string, string]> = {
  customer: ["客户", "Customer"],
  sales: ["销售", "Sales"],
  warehouse: ["仓库", "Warehouse"],
  finance: ["财务", "Finance"],
  manager: ["经理", "Manager"],
  admin: ["管理员", "Administrator"],
};

const examples: Record<string, readonly (readonly [string, string])[]> = {
  customer: [["我的订单到哪里了？", "Where is my order?"], ["列出我的订单", "List my orders"]],
  sales: [["客户华星要20箱A4纸和3台打印机，走快递", "Huaxing needs 20 boxes of A4 paper and 3 printers, by courier"],
    ["列出待确认的订单", "List the orders waiting for confirmation"]],
  warehouse: [["哪些订单待发运？", "Which orders are waiting for shipment?"], ["SO-1001 已入库", "The goods of SO-1001 have arrived"]],
  finance: [["哪些订单在账期中？", "Which orders are in their account period?"], ["重发 SO-1001 的发票", "Send the invoice of SO-1001 again"]],
  manager: [["列出待确认的订单", "List the orders waiting for confirmation"], ["哪些订单被挂起了？", "Which orders are on hold?"]],
  admin: [["列出最近的订单", "List the latest orders"], ["你能做什么？", "What can you do?"]],
};

/** Plain words for an error code; a code that is not known gets a sentence too, never the code itself. */
export const errorText = (code: string, language: Language): string =>
  pick(Object.hasOwn(errors, code) ? errors[code]! : unknownError, language);

/** A decision of a process that has one of its own is called as the process calls it. */
export const decisionName = (decision: string, language: Language): string =>
  Object.hasOwn(decisions, decision) ? pick(decisions[decision]!, language) : decision;

export const roleName = (role: string, language: Language): string =>
  Object.hasOwn(roles, role) ? pick(roles[role]!, language) : role;

export const exampleTexts = (role: string, language: Language): string[] =>
  (Object.hasOwn(examples, role) ? examples[role]! : examples["admin"]!).map((pair) => pick(pair, language));
