import { globSync, readFileSync } from "node:fs";
import { hasKnownMessage } from "@cita/process";
import t from "tap";

/** Development's own: nothing of it is logged by a service. */
const elsewhere = "packages/sandbox/";

t.test("the log knows every error class of ours, and no other", async (t) => {
  const sources = globSync(["apps/*/src/**/*.ts", "packages/*/src/**/*.ts"]).filter(
    (file) => !file.startsWith(elsewhere),
  );
  t.ok(sources.length > 100);
  const ours = sources.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/class (\w+) extends (Error|\w+Error)\b/g)].map(
      ([, name = "", parent = ""]) => ({ file, name, parent }),
    ),
  );
  for (const { file, name, parent } of ours) {
    // What extends one of ours has its name.
    const own = parent === "Error" ? name : parent;
    const error = Object.assign(new Error("x"), { name: own });
    t.equal(
      hasKnownMessage(error),
      true,
      `${name} of ${file} belongs into packages/process/src/known-errors.ts`,
    );
  }
  const listed = readFileSync("packages/process/src/known-errors.ts", "utf8").matchAll(/^ {2}"(\w+)",$/gm);
  const names = new Set(ours.map(({ name }) => name));
  for (const [, name = ""] of listed) t.ok(names.has(name), `${name} is there`);
});
