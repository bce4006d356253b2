// Hocuspocus, with updates appended to a file: node hocuspocus.mjs PORT FILE
import { openSync, writeSync } from "node:fs";
import { Server } from "@hocuspocus/server";

const [port, file] = process.argv.slice(2);
const log = openSync(file, "a");
const server = new Server({
  name: "bench",
  quiet: true,
  address: "127.0.0.1",
  port: Number(port),
  async onChange({ update }) {
    writeSync(log, update);
  },
});
await server.listen();
