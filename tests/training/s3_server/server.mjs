// An S3-like store in a folder, on a free port of loopback: `node server.mjs FOLDER BUCKET` prints its address as a line
// and ends when its standard input does. The key is S3RVER, and so is its secret.
//
// s3rver knows no conditional writes; `If-None-Match: *` is answered here as S3 does, with 412 for what is there.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const S3rver = createRequire(import.meta.url)("s3rver");
const [directory, bucket] = process.argv.slice(2);
const store = new S3rver({ silent: true, directory, configureBuckets: [{ name: bucket }] });
await store.configureBuckets();
const handle = store.callback();
const made = new Set();

const server = createServer((request, response) => {
  const { method, url, headers } = request;
  if (method === "PUT" && headers["if-none-match"] === "*" && made.has(url)) {
    response.writeHead(412, { "content-type": "application/xml" });
    response.end("<Error><Code>PreconditionFailed</Code></Error>");
    return;
  }
  if (method === "PUT") made.add(url);
  handle(request, response);
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.on("end", () => process.exit(0)).resume();
