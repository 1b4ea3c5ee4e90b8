import { readFileSync } from "node:fs";
import { accountProviders, accountVariables } from "@cita/providers/accounts";
import t from "tap";

const page = readFileSync(new URL("../docs/integrations.md", import.meta.url), "utf8");
const rows = new Map(
  [...page.matchAll(/^\| ([A-Z_]+) \|([^|]*)\|(.*)\|$/gm)].map(([, name, cell, text]) => [
    name,
    { cell, text },
  ]),
);

/** A row abbreviates what all clients have: `_SECRET` beside the id, and `GOOGLE_…` of a group. */
function isNamed(variable: string, cell: string): boolean {
  const [group = ""] = variable.split("_");
  return (
    cell.includes(`\`${variable}\``) ||
    (variable.endsWith("_SECRET") && cell.includes("`_SECRET`")) ||
    cell.includes(`\`${group}_…\``)
  );
}

t.test("the page has what an operator sets up at every provider", async (t) => {
  for (const provider of accountProviders) {
    const name = provider.id.toUpperCase().replaceAll("-", "_");
    const row = rows.get(name);
    t.ok(row !== undefined && (row.text ?? "").trim().length > 20, name);
    // The version of Meta's API is one variable for three providers.
    const variables = accountVariables(provider).filter((one) => one !== "META_GRAPH_API_VERSION");
    for (const variable of variables)
      t.ok(isNamed(variable, row?.cell ?? "") || row?.text?.includes(variable), `${name}: ${variable}`);
  }
  t.equal(rows.size, accountProviders.length, "and nothing else");
  t.match(page, /META_GRAPH_API_VERSION/);
});
