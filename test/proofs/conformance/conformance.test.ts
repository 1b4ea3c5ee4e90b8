import { mkdirSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { serveMcp } from "../../support/serve-mcp.ts";
import { createWorld } from "../../support/world.ts";
import { createFixtureServer } from "./fixture-server.ts";
import { startNamingProxy } from "./naming-proxy.ts";
import { type Findings, type Revision, readExceptions, requiredScenarios, runSuite } from "./suite.ts";

const revisions: readonly Revision[] = ["2025-11-25", "2026-07-28"];

/** Of those that are required, the ones that need no tool, resource or prompt of the suite's own. */
const askedOfAnyServer: Readonly<Record<Revision, readonly string[]>> = {
  "2025-11-25": [
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "dns-rebinding-protection",
  ],
  "2026-07-28": [
    "tools-list",
    "resources-list",
    "sep-2164-resource-not-found",
    "prompts-list",
    "dns-rebinding-protection",
    "caching",
    "input-required-result-unsupported-methods",
    "http-header-validation",
  ],
};

t.test("the HTTP code passes all that a revision requires, but for the exceptions we can name", async (t) => {
  const url = await serveMcp(t, createFixtureServer);
  const found = await runAll(t, url);
  for (const revision of revisions) {
    const exceptions = readExceptions(revision);
    const findings = found[revision];
    for (const scenario of requiredScenarios(revision)) {
      if (exceptions[scenario] === undefined)
        t.strictSame(findings.get(scenario), [], `${revision} ${scenario}`);
    }
    for (const [scenario, reason] of Object.entries(exceptions)) {
      t.ok(requiredScenarios(revision).includes(scenario), `${revision} ${scenario} is required`);
      t.not(findings.get(scenario)?.length ?? 0, 0, `${revision} ${scenario} doesn't pass: ${reason}`);
      t.match(reason, /\w{3}/);
    }
  }
});

t.test("the service itself passes all that is asked of any server", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const found = await runAll(t, await startNamingProxy(t, world.mcpUrl, "luna"));
  for (const revision of revisions) {
    for (const scenario of askedOfAnyServer[revision]) {
      t.strictSame(found[revision].get(scenario), [], `${revision} ${scenario}`);
    }
  }
  const missing = found["2026-07-28"].get("server-stateless") ?? ["nothing was recorded"];
  for (const finding of missing) {
    t.match(finding, /diagnostic tool 'test_\w+'/, "server-stateless misses only tools of the suite's own");
  }
});

/** Both revisions at once. */
async function runAll(t: Test, url: string): Promise<Record<Revision, Findings>> {
  const folder = t.testdir();
  const run = (revision: Revision) => {
    const records = join(folder, `records-${revision}`);
    mkdirSync(records);
    return runSuite(`${url}/mcp`, revision, records);
  };
  const [legacy, modern] = await Promise.all([run("2025-11-25"), run("2026-07-28")]);
  return { "2025-11-25": legacy, "2026-07-28": modern };
}
