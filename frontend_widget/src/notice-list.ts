// The notices of one user: each once, newest first, and which of them are unread. Knows nothing of the socket.
import type { Notification } from "./types.js";

const SHOWN = 200;
const ASKED_AGAIN = 60;

export class NoticeList {
  items: Notification[] = [];
  cursor = 0;
  /** Everything up to here is read. */
  private read = 0;
  private keys = new Set<string>();
  /** Unread ones that are older than what is shown. */
  private olderUnread = 0;
  /** While the list is looked at, what was unread when it was opened keeps its mark. */
  private marks = Number.POSITIVE_INFINITY;

  begin(from: number): void {
    this.items = [];
    this.keys.clear();
    this.cursor = from;
    this.read = 0;
    this.olderUnread = 0;
  }

  /** False when it was here already: networks deliver at least once, people see it once. */
  receive(notification: Notification): boolean {
    const key = notification.dedupe_key ?? notification.id;
    if (this.keys.has(key) || this.items.some((item) => item.id === notification.id)) return false;
    this.keys.add(key);
    this.items.push(notification);
    this.items.sort((one, other) => other.seq - one.seq);
    this.items.length = Math.min(this.items.length, SHOWN);
    return true;
  }

  advance(seq: number): void {
    this.cursor = Math.max(this.cursor, seq);
  }

  /** The server's count, once all are here: the newest `count` are the unread ones. */
  settle(count: number): void {
    const loud = this.items.filter(({ silent }) => !silent);
    this.read = loud[count]?.seq ?? 0;
    this.olderUnread = Math.max(0, count - loud.length);
  }

  /** A count heard in passing can only say that another tab has read some; a higher one runs ahead of its notice. */
  heard(count: number): void {
    if (count < this.unread()) this.settle(count);
  }

  unread(): number {
    return this.items.filter((item) => this.isUnread(item)).length + this.olderUnread;
  }

  isUnread(item: Notification): boolean {
    return !item.silent && item.seq > this.read;
  }

  isMarked(item: Notification): boolean {
    return !item.silent && item.seq > Math.min(this.read, this.marks);
  }

  keepMarks(keep: boolean): void {
    this.marks = keep ? this.read : Number.POSITIVE_INFINITY;
  }

  latest(): number {
    return this.items[0]?.seq ?? 0;
  }

  readUpTo(seq: number): void {
    this.read = Math.max(this.read, seq);
    if (this.read >= this.latest()) this.olderUnread = 0;
  }

  /** Cursor from which a fresh page gets the recent ones again. */
  windowStart(): number {
    const oldest = this.items.at(Math.min(ASKED_AGAIN, this.items.length) - 1);
    return oldest ? oldest.seq - 1 : this.cursor;
  }
}
