import { readdirSync, readFileSync } from "node:fs";
import t from "tap";
import repository from "../package.json" with { type: "json" };

const dockerfile = readFileSync(new URL("../deploy/docker/Dockerfile", import.meta.url), "utf8");
const scripts: Record<string, string> = repository.scripts;

/** What the target of an app runs, as `docker build --target` makes it. */
function commandOf(app: string): string[] {
  const [, stage = ""] = dockerfile.split(`FROM runtime AS ${app}\n`);
  const [, command = "[]"] = /^CMD (.+)$/m.exec(stage) ?? [];
  return JSON.parse(command);
}

t.test("each app has a target that starts it as npm does", (t) => {
  const apps = readdirSync(new URL("../apps", import.meta.url));
  for (const app of apps) t.equal(`exec ${commandOf(app).join(" ")}`, scripts[`start:${app}`]);
  t.end();
});
