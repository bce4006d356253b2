// The reference server of Yjs, with updates appended to a file: node y-websocket.mjs PORT FILE
import { createRequire } from "node:module";
import { openSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

// Its CommonJS form, so that it and we hold the same Yjs.
const require = createRequire(import.meta.url);
const { setPersistence, setupWSConnection } = require("@y/websocket-server/utils");

const [port, file] = process.argv.slice(2);
const log = openSync(file, "a");
setPersistence({
  bindState: (_name, doc) => doc.on("update", (update) => writeSync(log, update)),
  writeState: async () => {},
});
const server = createServer((_request, response) => response.end());
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket, request) => setupWSConnection(socket, request));
server.listen(Number(port), "127.0.0.1");
