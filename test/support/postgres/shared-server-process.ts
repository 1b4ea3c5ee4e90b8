import { createServer as createSocketServer, type Socket } from "node:net";
import { createServer, type PostgresServer } from "./server.ts";

/** Holds the server that tests share, while any process is connected here: shared-server.ts. */
const name = (process.argv[2] ?? "").replace(/^@/, "\0");
const lingerMs = 5_000;
const users = new Set<Socket>();
let server: Promise<PostgresServer> | undefined;
let lingering: NodeJS.Timeout | undefined;

const listener = createSocketServer((socket) => {
  clearTimeout(lingering);
  users.add(socket);
  socket.on("error", () => undefined);
  socket.on("close", () => {
    users.delete(socket);
    if (users.size === 0) lingering = setTimeout(end, lingerMs);
  });
  socket.resume();
  server?.then(
    ({ url }) => socket.write(`${JSON.stringify({ url })}\n`),
    (error) => socket.write(`${JSON.stringify({ error: `${error}` })}\n`),
  );
});
// Another process was faster.
listener.on("error", () => process.exit());
listener.listen(name, () => {
  lingering = setTimeout(end, lingerMs);
  server = createServer({ durable: false });
});
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, end);

async function end(): Promise<void> {
  listener.close();
  for (const user of users) user.destroy();
  await (await server?.catch(() => undefined))?.remove();
  process.exit();
}
