import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import t from "tap";

const index = new URL("../src/index.ts", import.meta.url).href;

/** A service that takes a while to start, and says when it has begun and when it was closed. */
const slowService = `
  import { setTimeout as sleep } from "node:timers/promises";
  import { runService } from ${JSON.stringify(index)};
  await runService("slow", async () => {
    console.log("starting");
    await sleep(300);
    const heldOpen = setInterval(() => {}, 1_000);
    return { close: async () => { clearInterval(heldOpen); console.log("closed"); } };
  });`;

t.test("a signal that comes while a service starts ends it in order, once it has started", async (t) => {
  const service = spawn(process.execPath, ["--input-type=module", "--eval", slowService]);
  const [chunk] = await once(service.stdout, "data");
  t.match(String(chunk), "starting");
  const rest = text(service.stdout);
  service.kill("SIGTERM");
  t.strictSame(await once(service, "close"), [0, null]);
  t.match(await rest, "closed");
});
