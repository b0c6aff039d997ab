// The part of Socket.IO 5 over Engine.IO 4 that gateway and widget speak: text in the main namespace, by WebSocket, or
// by polling where something between lets none through. Tries again until it is closed. Knows nothing of messages.

const SHORTEST_MS = 500;
const LONGEST_MS = 5000;
const REFUSED_MS = 3000;
const ANSWER_MS = 15_000;
const BEGIN_MS = 20_000;
const BETWEEN = "\x1e";

interface Carrier {
  send(packet: string): void;
  close(): void;
}

/** Carries packets; `over` is called when it has ended, also where it never began. */
type Carry = (address: URL, hear: (packet: string) => void, over: () => void) => Carrier;

const webSocket: Carry = (address, hear, over) => {
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.onmessage = ({ data }) => hear(data as string);
  socket.onclose = over;
  return socket;
};

const polling: Carry = (address, hear, over) => {
  const stop = new AbortController();
  const waiting: string[] = [];
  let sending = false;
  const ask = async (more: RequestInit = {}): Promise<string> => {
    const got = await fetch(address, { credentials: "include", cache: "no-store", signal: stop.signal, ...more });
    if (!got.ok) throw got;
    return got.text();
  };
  const end = (): void => {
    stop.abort();
    over();
  };
  const listen = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      for (const packet of (await ask()).split(BETWEEN)) {
        if (packet[0] === "0") address.searchParams.set("sid", (JSON.parse(packet.slice(1)) as { sid: string }).sid);
        hear(packet);
      }
    }
  };
  const post = async (): Promise<void> => {
    if (sending) return;
    sending = true;
    while (waiting.length) await ask({ method: "POST", body: waiting.splice(0).join(BETWEEN) });
    sending = false;
  };
  listen().catch(end);
  return {
    send: (packet) => {
      waiting.push(packet);
      post().catch(end);
    },
    close: () => {
      if (address.searchParams.has("sid")) void fetch(address, { credentials: "include", method: "POST", body: "1", keepalive: true }).catch(() => undefined);
      end();
    },
  };
};

export class Line {
  /** The gateway has taken the handshake. */
  connected = false;
  private carrier: Carrier | null = null;
  private closed = false;
  private delay = SHORTEST_MS;
  private next: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setTimeout> | undefined;
  private patience = 0;
  private asked = 0;
  private readonly answers = new Map<number, (answer?: unknown) => void>();

  /** `hear` is told each event; besides those of the gateway `down`, and `refused` with what was said of it. */
  constructor(
    private readonly server: string,
    private readonly auth: object | null,
    private readonly hear: (name: string, data: unknown) => void,
  ) {
    addEventListener("offline", this.drop);
    this.connect();
  }

  readonly connect = (): void => {
    if (!this.carrier && !this.closed) this.open("websocket", webSocket);
  };

  /** Ends this connection; the next one is tried soon. */
  readonly drop = (): void => {
    const { carrier } = this;
    this.ended(SHORTEST_MS);
    carrier?.close();
  };

  close(): void {
    this.closed = true;
    removeEventListener("offline", this.drop);
    this.drop();
  }

  emit(name: string, data?: object): void {
    if (this.connected) this.carrier?.send("42" + JSON.stringify([name, data]));
  }

  /** Rejects when nothing answers in time, or the line breaks. */
  ask<T>(name: string, data: object): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.connected) return reject(new Error("offline"));
      const id = this.asked++;
      const timer = setTimeout(() => settle(), ANSWER_MS);
      const settle = (answer?: unknown): void => {
        clearTimeout(timer);
        this.answers.delete(id);
        if (answer === undefined) reject(new Error("unanswered"));
        else resolve(answer as T);
      };
      this.answers.set(id, settle);
      this.carrier!.send(`42${id}${JSON.stringify([name, data])}`);
    });
  }

  private open(transport: string, carry: Carry): void {
    clearTimeout(this.next);
    let began = false;
    const carrier: Carrier = carry(new URL(`/socket.io/?EIO=4&transport=${transport}`, this.server), (packet) => {
      began = true;
      if (this.carrier === carrier) this.take(packet);
    }, () => {
      if (this.carrier !== carrier) return;
      this.carrier = null;
      if (!began && carry === webSocket) this.open("polling", polling);
      else this.ended(this.delay);
    });
    this.carrier = carrier;
    clearTimeout(this.watch);
    this.watch = setTimeout(() => carrier.close(), BEGIN_MS);
  }

  private take(packet: string): void {
    const [kind, what] = packet;
    if (kind === "0") {
      const { pingInterval, pingTimeout } = JSON.parse(packet.slice(1)) as { pingInterval: number; pingTimeout: number };
      this.patience = pingInterval + pingTimeout;
      this.carrier!.send("40" + (this.auth ? JSON.stringify(this.auth) : ""));
    } else if (kind === "2") this.carrier!.send("3");
    else if (kind === "4") this.understand(what!, packet.slice(2));
    else if (kind === "1") this.drop();
    clearTimeout(this.watch);
    if (this.carrier) this.watch = setTimeout(this.drop, this.patience);
  }

  private understand(kind: string, said: string): void {
    if (kind === "0") {
      this.connected = true;
      this.delay = SHORTEST_MS;
    } else if (kind === "1") this.drop();
    else if (kind === "4") {
      const { message, data } = JSON.parse(said) as { message?: string; data?: { code?: string } };
      this.delay = REFUSED_MS;
      this.hear("refused", data?.code ?? message);
      this.drop();
    } else {
      const id = /^\d*/.exec(said)![0];
      const [first, second] = JSON.parse(said.slice(id.length)) as [unknown, unknown];
      if (kind === "2") this.hear(first as string, second);
      else if (kind === "3") this.answers.get(Number(id))?.(first);
    }
  }

  /** Everybody who waits for an answer is told, and the next attempt is put off a little longer than this one. */
  private ended(wait: number): void {
    clearTimeout(this.watch);
    clearTimeout(this.next);
    const { connected } = this;
    this.connected = false;
    this.carrier = null;
    for (const settle of [...this.answers.values()]) settle();
    if (this.closed) return;
    this.next = setTimeout(this.connect, Math.max(wait, this.delay) * (0.5 + Math.random()));
    this.delay = Math.min(connected ? SHORTEST_MS : this.delay * 2, LONGEST_MS);
    this.hear("down", null);
  }
}
