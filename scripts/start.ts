import { type DemoAddresses, demoAddresses } from "./demo/demo-client.ts";
import { fillDemo } from "./demo/fill-demo.ts";
import { makeSignInLink } from "./demo/sign-in-link.ts";
import { developmentEnvironment, readGivenEnvironment } from "./development-environment.ts";
import { ProcessGroup } from "./process-group.ts";
import { startText } from "./start-text.ts";

/**
 * `npm start`: all services in one terminal, to try or develop Cita, and the sandbox where no Google credentials
 * are set. Production starts each service alone.
 */
const environment = await developmentEnvironment(await readGivenEnvironment());
const group = new ProcessGroup(environment.variables);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => void group.stop());
// npm and its shell end on SIGTERM without passing it on: all that changes here is the parent process.
if (environment.variables.npm_lifecycle_event !== undefined) whenOrphaned(() => void group.stop());

if (environment.sandbox) await group.start("sandbox", "packages/sandbox/src/main.ts");
await group.start("mcp-calendar", "apps/mcp-calendar/src/main.ts");
await group.start("admin-api", "apps/admin-api/src/main.ts");
await group.start("integrations", "apps/integrations/src/main.ts");
const stopping = new AbortController();
if (group.running) {
  const demo = environment.sandbox ? demoAddresses(environment, stopping.signal) : undefined;
  process.stdout.write(startText(environment, demo && (await findSignInLink(demo))));
  if (demo !== undefined) void tryDemo("the demo wasn't made", () => fillDemo(demo));
}

process.exitCode = await group.ended.finally(() => stopping.abort());

function findSignInLink(demo: DemoAddresses): Promise<string | undefined> {
  return tryDemo("no link to sign in could be made", () => makeSignInLink(demo));
}

/** The services run without the demo too. */
async function tryDemo<T>(failure: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (group.running) process.stderr.write(`${failure}: ${error}\n`);
    return undefined;
  }
}

function whenOrphaned(stop: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, 500);
  watch.unref();
}
