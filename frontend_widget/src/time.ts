// Moments as people read them, in their own time zone. Knows nothing of messages.
import type { Language } from "./types.js";
import { translator } from "./i18n.js";

const locale = (language: Language): string => (language === "zh" ? "zh-CN" : "en-GB");

const dayKey = (moment: Date): string => moment.toDateString();

export const sameDay = (one: string, other: string): boolean => dayKey(new Date(one)) === dayKey(new Date(other));

export function clockTime(at: string, language: Language): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return "";
  return new Intl.DateTimeFormat(locale(language), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(moment);
}

export function dayName(at: string, language: Language, now = new Date()): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return "";
  const t = translator(language);
  if (dayKey(moment) === dayKey(now)) return t("today");
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (dayKey(moment) === dayKey(yesterday)) return t("yesterday");
  return new Intl.DateTimeFormat(locale(language), { dateStyle: "medium" }).format(moment);
}

/** The clock alone today, with the day before it otherwise. */
export function shortMoment(at: string, language: Language): string {
  const time = clockTime(at, language);
  return sameDay(at, new Date().toISOString()) ? time : `${dayName(at, language)} ${time}`;
}

export const isPast = (at: string | null | undefined): boolean => !!at && new Date(at).getTime() <= Date.now();

/** Both in full, for a paper that is read on another day. */
export const dateAndTime = (at: string, language: Language): string => {
  const moment = new Date(at);
  return Number.isNaN(moment.getTime()) ? at : new Intl.DateTimeFormat(locale(language), { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" }).format(moment);
};
