// The same server on Node's socket.io; see server.py.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Server } from "socket.io";

const DATA = JSON.parse(process.argv[2]);
const http = createServer();
const io = new Server(http, { pingInterval: 300000, pingTimeout: 300000, cors: { origin: "*" } });
io.on("connection", (socket) => socket.join("all"));
http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log(http.address().port));

for await (const line of createInterface({ input: process.stdin })) {
  const [what, times] = line.split(" ");
  if (what === "emit") {
    for (let i = 0; i < Number(times); i++) {
      io.to("all").emit("notification", DATA);
      await new Promise((resolve) => setImmediate(resolve));
    }
    console.log("emitted");
  } else {
    const { user, system } = process.cpuUsage();
    console.log((user + system) / 1e6);
  }
}
process.exit(0);
