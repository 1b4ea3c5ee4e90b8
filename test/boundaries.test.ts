import t from "tap";
import {
  listManifests,
  listSourceImports,
  packageOf,
  type SourceImport,
  workspaceOf,
} from "./support/source-imports.ts";

/**
 * The rules of the house: who may import what. They are read from the sources' own imports, of types too. Cycles
 * between files are left to Biome (`noImportCycles`).
 */
const imports = listSourceImports();
const sources = imports.filter(({ file }) => /^(?:apps|packages)\/[^/]+\/src\//.test(file));

/** Parts of the apps that know neither how they are reached nor who serves them. */
const domain =
  /^apps\/(?:mcp-calendar\/src\/(?:bookings|calendar-states|calendars|instances|language|prompts|resources|retention|schedules|tools)|integrations\/src\/integrations)\//;

type Rule = {
  readonly from: (file: string) => boolean;
  readonly forbids: (one: SourceImport) => boolean;
};

const isApp = (file: string) => file.startsWith("apps/");
const isPackage = (file: string) => file.startsWith("packages/");
const named =
  (...names: string[]) =>
  (one: SourceImport) =>
    names.includes(packageOf(one.specifier) ?? "");
const isNamedApp = named("@cita/admin-api", "@cita/integrations", "@cita/mcp-calendar");
const isFastify = (one: SourceImport) =>
  /^(?:fastify(?:-plugin)?$|@fastify\/)/.test(packageOf(one.specifier) ?? "");

const rules: Readonly<Record<string, Rule>> = {
  "a package imports no app": {
    from: isPackage,
    forbids: (one) => (one.target !== undefined && isApp(one.target)) || isNamedApp(one),
  },
  "an app imports no app": {
    from: isApp,
    forbids: (one) =>
      (one.target !== undefined && isApp(one.target) && workspaceOf(one.target) !== one.workspace) ||
      isNamedApp(one),
  },
  "a workspace is entered by its public exports": {
    from: (file) => isApp(file) || isPackage(file),
    forbids: (one) => one.target !== undefined && workspaceOf(one.target) !== one.workspace,
  },
  "production knows no sandbox": {
    from: (file) => !file.startsWith("packages/sandbox/"),
    forbids: named("@cita/sandbox"),
  },
  "slots are found without I/O": {
    from: (file) => file.startsWith("packages/scheduling/"),
    forbids: (one) => one.target === undefined,
  },
  "providers know no server": { from: (file) => file.startsWith("packages/providers/"), forbids: isFastify },
  "what is stored knows no server": {
    from: (file) => /^packages\/(?:database|events|token-store)\//.test(file),
    forbids: isFastify,
  },
  "the domain knows no server": { from: (file) => domain.test(file), forbids: isFastify },
  "a tool knows neither its transport nor the protocol's library": {
    from: (file) => file.startsWith("apps/mcp-calendar/src/tools/"),
    forbids: (one) => isFastify(one) || /^@modelcontextprotocol\//.test(one.specifier),
  },
};

for (const [name, { from, forbids }] of Object.entries(rules)) {
  t.test(name, async (t) => {
    const bound = sources.filter(({ file }) => from(file));
    t.not(bound.length, 0, "the rule is about something");
    const broken = bound.filter(forbids).map(({ file, specifier }) => `${file} imports ${specifier}`);
    t.strictSame(broken, []);
  });
}

t.test("packages depend on each other one way", async (t) => {
  const dependencies = new Map(
    listManifests().map(({ name, dependencies }) => [name, Object.keys(dependencies)]),
  );
  const findCycle = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path, name];
    for (const next of dependencies.get(name) ?? []) {
      const cycle = findCycle(next, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  };
  for (const name of dependencies.keys()) t.equal(findCycle(name, [])?.join(" -> "), undefined, name);
});

for (const { workspace, name, dependencies, devDependencies } of listManifests()) {
  if (workspace === ".") continue;
  t.test(`${name} declares exactly what it imports`, async (t) => {
    const own = imports.filter((one) => one.workspace === workspace);
    const packagesOf = (isSource: boolean) =>
      new Set(
        own
          .filter(({ file }) => file.includes("/src/") === isSource)
          .flatMap(({ specifier }) => packageOf(specifier) ?? []),
      );
    const [inSources, inTests] = [packagesOf(true), packagesOf(false)];
    const byRoot = new Set([name, "tap"]);
    t.strictSame(
      [...inSources].filter((one) => one !== name && !(one in dependencies)),
      [],
      "what its sources import",
    );
    t.strictSame(
      [...inTests].filter((one) => !byRoot.has(one) && !(one in dependencies) && !(one in devDependencies)),
      [],
      "what its tests import",
    );
    t.strictSame(
      Object.keys(dependencies).filter((one) => !inSources.has(one)),
      [],
      "nothing unused",
    );
  });
}

t.test("the version of a library is said once, by the root", async (t) => {
  const [root, ...workspaces] = listManifests();
  const pinned = root?.devDependencies ?? {};
  for (const { name, dependencies, devDependencies } of workspaces) {
    for (const [library, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (library.startsWith("@cita/")) continue;
      t.equal(version, "*", `${name} takes whatever ${library} the root has`);
      t.match(pinned[library], /^\d+\.\d+\.\d+/, `the root pins ${library}`);
    }
  }
});
