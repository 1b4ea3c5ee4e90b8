import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import t, { type Test } from "tap";
import { variables as adminVariables } from "../apps/admin-api/src/config.ts";
import { variables as integrationsVariables } from "../apps/integrations/src/config.ts";
import { variables as mcpVariables } from "../apps/mcp-calendar/src/config.ts";
import { deployFolder, readDeployFile } from "./support/deploy-files.ts";
import { type Directive, parseNginx } from "./support/nginx-configuration.ts";

/** The services close a connection over which nothing has moved for so long. */
const silentSeconds = 60;

const directives = parseNginx(readDeployFile("nginx/cita.conf"));
const common = parseNginx(readDeployFile("nginx/cita-server.conf"));

const named = (name: string, among: readonly Directive[] = []) => among.filter((one) => one.name === name);
const valuesOf = (name: string, among?: readonly Directive[]) =>
  named(name, among).map(({ values }) => values.join(" "));

/** What a server does, with what it includes. */
function server(name: string): readonly Directive[] {
  const found = named("server", directives).find(
    ({ block }) =>
      valuesOf("listen", block).includes("443 ssl") && valuesOf("server_name", block).includes(name),
  );
  return [...(found?.block ?? []), ...common];
}
const location = (among: readonly Directive[], path: string) =>
  named("location", among).find(({ values }) => values.join(" ") === path)?.block;

/** In PATH, or where Debian has it. */
function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

t.test("nginx's configuration can be read", async (t) => {
  t.throws(() => parseNginx("server { listen 80 }"), "an unfinished directive is found");
  t.throws(() => parseNginx("server { listen 80;"), "an unfinished block is found");
  const nginx = findProgram("nginx");
  if (nginx === undefined) {
    t.comment("nginx isn't installed: its files are parsed here, and not tried by nginx -t.");
    return;
  }
  const folder = await prepareNginx(t);
  const { stderr } = await promisify(execFile)(nginx, [
    "-t",
    "-p",
    folder,
    "-c",
    "nginx.conf",
    "-e",
    "stderr",
  ]);
  t.match(stderr, "test is successful");
});

/** A folder where nginx finds all that the files name. Without its usual ports, which need more rights. */
async function prepareNginx(t: Test): Promise<string> {
  const folder = t.testdir();
  for (const name of ["snippets", "tmp"]) mkdirSync(join(folder, name));
  cpSync(join(deployFolder, "nginx/cita-server.conf"), join(folder, "snippets/cita-server.conf"));
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", join(folder, "privkey.pem")];
  const certificate = ["-x509", "-subj", "/CN=example.com", "-out", join(folder, "fullchain.pem")];
  await promisify(execFile)("openssl", ["req", ...key, ...certificate]);
  const configuration = readFileSync(join(deployFolder, "nginx/cita.conf"), "utf8")
    .replaceAll(/\/etc\/letsencrypt\/live\/[^/]+|\/var\/log\/nginx/g, folder)
    .replaceAll(/(listen (?:\[::\]:)?)(80|443)\b/g, "$120$2");
  writeFileSync(join(folder, "cita.conf"), configuration);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path tmp/${name};`,
  );
  const main = `pid nginx.pid; error_log stderr; events {} http { access_log off; ${temporary.join(" ")} include cita.conf; }`;
  writeFileSync(join(folder, "nginx.conf"), main);
  return folder;
}

t.test("nginx passes on what the services need, and nothing that a client claims", (t) => {
  const headers = Object.fromEntries(
    named("proxy_set_header", common).map(({ values: [name = "", value] }) => [name, value]),
  );
  t.match(headers, { "X-Forwarded-For": "$remote_addr", Host: "$host", Connection: "" });
  t.strictSame(valuesOf("proxy_http_version", common), ["1.1"]);
  const [seconds = ""] = valuesOf("proxy_read_timeout", common);
  t.ok(Number.parseInt(seconds, 10) > silentSeconds, "the services end what is silent, and say so");
  t.strictSame(valuesOf("client_max_body_size", common), ["128k"]);
  t.notMatch(valuesOf("proxy_next_upstream", common).join(), "non_idempotent");
  for (const one of named("location", server("calendar.example.com"))) {
    // A header that is set in an inner block removes those of the outer ones.
    t.strictSame(named("proxy_set_header", one.block), [], one.values.join(" "));
  }
  t.end();
});

t.test("nginx finds the services, streams /mcp, and has no way to management", (t) => {
  const upstreams = Object.fromEntries(
    named("upstream", directives).map(({ values, block }) => [values[0], valuesOf("server", block)[0]]),
  );
  const defaults = {
    mcp: mcpVariables.shape.MCP_PORT.parse(undefined),
    admin: adminVariables.shape.ADMIN_PORT.parse(undefined),
    integrations: integrationsVariables.shape.INTEGRATIONS_PORT.parse(undefined),
  };
  t.match(upstreams, {
    mcp_calendar: `127.0.0.1:${defaults.mcp} `,
    admin_api: `127.0.0.1:${defaults.admin} `,
    integrations: `127.0.0.1:${defaults.integrations} `,
  });
  const mcp = server("calendar.example.com");
  const admin = server("admin.example.com");
  const integrations = server("integrations.example.com");
  t.strictSame(valuesOf("proxy_buffering", location(mcp, "= /mcp")), ["off"]);
  t.strictSame(valuesOf("proxy_pass", location(mcp, "/")), ["http://mcp_calendar"]);
  t.strictSame(valuesOf("proxy_pass", location(admin, "/")), ["http://admin_api"]);
  t.strictSame(valuesOf("proxy_pass", location(integrations, "/")), ["http://integrations"]);
  for (const [among, path] of [
    [mcp, "= /metrics"],
    [mcp, "^~ /internal/"],
    [admin, "= /metrics"],
    [integrations, "= /metrics"],
  ] as const)
    t.strictSame(valuesOf("return", location(among, path)), ["404"], path);
  const events = location(integrations, "= /events");
  t.strictSame(valuesOf("proxy_buffering", events), ["off"]);
  t.strictSame(
    named("if", events).map(({ block }) => valuesOf("return", block)),
    [["404"]],
    "what is told",
  );
  const socket = location(integrations, "= /ws");
  const headers = named("proxy_set_header", socket).map(({ values: [name = "", value = ""] }) => [
    name,
    value,
  ]);
  t.match(Object.fromEntries(headers), {
    ...{ Upgrade: "$http_upgrade", Connection: "upgrade" },
    ...{ "X-Forwarded-For": "$remote_addr", "X-Forwarded-Proto": "$scheme", Host: "$host" },
  });
  t.end();
});

t.test("nginx redirects to https, and its logs have no URL", (t) => {
  const plain = named("server", directives).filter(({ block }) => valuesOf("listen", block).includes("80"));
  t.equal(plain.length, 1);
  t.strictSame(valuesOf("return", location(plain[0]?.block ?? [], "/")), ["308 https://$host$request_uri"]);
  const [format = ""] = valuesOf("log_format", directives);
  t.match(format, "$status");
  t.notMatch(format, /\$(?:request_uri|request |uri|args|document_uri|query_string|http_referer|arg_)/);
  for (const { block } of named("server", directives)) {
    const logs = valuesOf("access_log", block);
    t.ok(logs.length > 0 && logs.every((log) => log === "off" || log.endsWith(" cita")), logs.join());
    if (valuesOf("include", block).length > 0) t.match(valuesOf("error_log", block), [/ crit$/]);
  }
  t.end();
});

t.test("Caddy's configuration is whole, and its log has no URL", async (t) => {
  const text = readDeployFile("compose/Caddyfile");
  t.equal(text.split("{").length, text.split("}").length);
  t.match(text, "request>uri delete");
  t.match(text, "request>headers delete");
  t.match(text, "respond @metrics 404");
  t.match(text, /@events \{\s+path \/events .+\s+not method GET\s+\}\s+respond @events 404/);
  const caddy = findProgram("caddy");
  if (caddy === undefined) {
    t.comment("Caddy isn't installed: its file isn't tried by caddy validate.");
    return;
  }
  const env = {
    HOME: t.testdir(),
    MCP_DOMAIN: "calendar.example.com",
    ADMIN_DOMAIN: "admin.example.com",
    INTEGRATIONS_DOMAIN: "integrations.example.com",
    ACME_EMAIL: "ops@example.com",
  };
  const file = join(deployFolder, "compose/Caddyfile");
  const { stdout, stderr } = await promisify(execFile)(
    caddy,
    ["validate", "--config", file, "--adapter", "caddyfile"],
    { env },
  );
  t.match(stdout + stderr, "Valid configuration");
});
