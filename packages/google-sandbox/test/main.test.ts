import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import t from "tap";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

function startMain(t: { teardown: (end: () => void) => unknown }, port: string) {
  const child = spawn(process.execPath, [MAIN], { env: { ...process.env, SANDBOX_PORT: port } });
  t.teardown(() => child.kill("SIGKILL"));
  const output = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    output.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.err += chunk;
  });
  return { child, output };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

t.test("npm run sandbox says where it is, and stops when told", async (t) => {
  const port = await freePort();
  const { child, output } = startMain(t, String(port));
  await once(child.stdout, "data");
  t.match(output.out, `http://127.0.0.1:${port}`);
  t.match(output.out, "sandbox-client / sandbox-secret");
  t.equal((await fetch(`http://127.0.0.1:${port}/_sandbox/calls`)).status, 200);
  child.kill("SIGTERM");
  t.strictSame(await once(child, "exit"), [0, null]);
});

t.test("a port it can't have is one sentence, not a stack", async (t) => {
  const holder = createServer().listen(0, "127.0.0.1");
  t.teardown(() => holder.close());
  await once(holder, "listening");
  const address = holder.address();
  const taken = typeof address === "object" && address ? address.port : 0;
  for (const [port, sentence] of [
    [String(taken), `Port ${taken} is in use`],
    ["http", "SANDBOX_PORT must be a port number"],
  ] as const) {
    const { child, output } = startMain(t, port);
    t.strictSame(await once(child, "close"), [1, null]);
    t.match(output.err, sentence);
    t.equal(output.err.trim().split("\n").length, 1);
  }
});
