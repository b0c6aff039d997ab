// Every sentence of the widget, in both languages. Knows nothing of where they are shown.
import type { Language } from "./types.js";

const texts = {
  title: ["订单助手", "Order desk"],
  open: ["打开订单助手", "Open the order desk"],
  minimise: ["收起", "Minimise"],
  language: ["Switch to English", "切换到中文"],
  otherLanguage: ["English", "中文"],
  signOut: ["退出登录", "Sign out"],
  chat: ["对话", "Chat"],
  notices: ["通知", "Notices"],
  log: ["对话记录", "Conversation"],
  input: ["输入消息", "Your message"],
  placeholder: ["说说要办什么…", "Say what you need…"],
  hint: ["Enter 发送，Shift+Enter 换行", "Enter sends, Shift+Enter starts a new line"],
  send: ["发送", "Send"],
  attach: ["选择要导入的文件", "Choose a file to import"],
  drop: ["松开即可导入", "Drop it to import it"],
  sending: ["正在上传 {name}：{n}%", "Sending {name}: {n} %"],
  cancel: ["取消", "Cancel"],
  notTaken: ["{name} 没有导入：{why}", "{name} was not taken: {why}"],
  you: ["我", "You"],
  bot: ["助手", "Desk"],
  typing: ["助手正在处理…", "The desk is working on it…"],
  newer: ["有新消息", "New messages"],
  quick: ["快捷回复", "Quick replies"],
  welcome: ["您好，今天办什么？", "Hello. What shall we do today?"],
  welcomeMore: ["直接用中文或英文说就行。会改动数据的步骤，都会先给您一张卡片确认。",
    "Just say it, in English or Chinese. Nothing is changed before you have confirmed it on a card."],
  examples: ["可以这样说", "For example"],
  waiting: ["等待发送", "Waiting to be sent"],
  refused: ["未送出", "Not sent"],
  again: ["再试一次", "Try again"],
  edit: ["修改", "Edit"],
  offline: ["连接已断开，正在重连。您写的内容会保留，恢复后自动发送。",
    "No connection; trying again. What you write is kept and sent when it is back."],
  connecting: ["正在连接…", "Connecting…"],
  signedOut: ["您已退出登录。", "You are signed out."],
  signIn: ["重新登录", "Sign in again"],
  unread: ["{n} 条未读", "{n} unread"],
  unreadWord: ["条未读", "unread"],
  noNotices: ["还没有通知。订单有变化时会出现在这里。", "No notices yet. Changes to orders show up here."],
  readAll: ["全部标为已读", "Mark all as read"],
  isNew: ["未读", "New"],
  ask: ["查询 {order}", "Ask about {order}"],
  query: ["订单 {order} 现在到哪一步了？", "Where is order {order}?"],
  product: ["商品", "Item"],
  quantity: ["数量", "Quantity"],
  price: ["单价", "Price"],
  amount: ["金额", "Amount"],
  card: ["卡片", "Card"],
  validUntil: ["{at} 前有效", "Valid until {at}"],
  working: ["已提交，正在处理…", "Sent, working on it…"],
  cardUsed: ["已经处理过了。", "This has already been answered."],
  cardExpired: ["这张卡片已过期，请重新说一遍。", "This card has expired. Please say it again."],
  cardSuperseded: ["已有更新的卡片，以新的为准。", "A newer card has taken its place."],
  talkingTo: ["您正在与 {name} 对话", "You are talking to {name}"],
  awaited: ["已请同事接手；在此之前机器人继续回答", "A person was asked for; the bot goes on until then"],
  botBack: ["机器人回来了", "The bot is back"],
  backToBot: ["回到机器人", "Back to the bot"],
  waitingFor: ["等待人工：{n}", "Waiting for a person: {n}"],
  queue: ["人工队列", "Queue"],
  nobodyWaits: ["没有人在等。", "Nobody is waiting."],
  take: ["接手", "Take it"],
  giveBack: ["交还机器人", "Give back to the bot"],
  finish: ["结束", "Close"],
  takenBy: ["由 {name} 处理", "with {name}"],
  over: ["已结束", "over"],
  why_asked: ["要求人工", "asked for a person"],
  why_repeated: ["同一问题问了三次", "asked the same thing thrice"],
  why_failed: ["机器人没能帮上", "the bot could not help"],
  today: ["今天", "Today"],
  yesterday: ["昨天", "Yesterday"],
} as const satisfies Record<string, readonly [string, string]>;

const errors: Record<string, readonly [string, string]> = {
  bot_unavailable: ["助手暂时无法回答。您的消息已保存，恢复后会自动处理。",
    "The desk cannot answer right now. Your message is kept and will be answered as soon as it is back."],
  message_empty: ["消息是空的，请先写点内容。", "The message is empty. Please write something first."],
  message_too_long: ["消息太长了，请分成几条发送。", "The message is too long. Please send it in parts."],
  file_type: ["只能导入 CSV、Excel 或 JSON 文件", "only CSV, Excel and JSON files can be imported"],
  request_too_large: ["文件太大", "it is too large"],
  role_not_allowed: ["您没有导入的权限", "you may not import"],
  not_sent: ["上传中断", "it did not get through"],
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
  signed_out: ["您已退出登录，请重新登录。", "You are signed out. Please sign in again."],
};

const unknownError = ["出了点问题，没有执行。请再试一次。", "Something went wrong and nothing was done. Please try again."] as const;

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

export type TextKey = keyof typeof texts;
export type Translate = (key: TextKey, values?: Record<string, string | number>) => string;

const pick = (pair: readonly [string, string], language: Language): string => pair[language === "zh" ? 0 : 1];

export function translator(language: Language): Translate {
  return (key, values = {}) =>
    pick(texts[key], language).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** Plain words for an error code; a code that is not known gets a sentence too, never the code itself. */
export const errorText = (code: string, language: Language): string =>
  pick(Object.hasOwn(errors, code) ? errors[code]! : unknownError, language);

export const roleName = (role: string, language: Language): string =>
  Object.hasOwn(roles, role) ? pick(roles[role]!, language) : role;

export const exampleTexts = (role: string, language: Language): string[] =>
  (Object.hasOwn(examples, role) ? examples[role]! : examples["admin"]!).map((pair) => pick(pair, language));

export const asLanguage = (value: string | null | undefined): Language | null =>
  value?.toLowerCase().startsWith("zh") ? "zh" : value?.toLowerCase().startsWith("en") ? "en" : null;
