import t from "tap";
import { configSchema as adminSchema } from "../apps/admin-api/src/config.ts";
import { configSchema as mcpSchema } from "../apps/mcp-calendar/src/config.ts";
import { secrets } from "./support/started-services.ts";
import { adminKey } from "./support/world.ts";

const problems = (variables: object, schema: typeof mcpSchema | typeof adminSchema = mcpSchema) =>
  schema
    .safeParse({ ...secrets, ADMIN_API_KEY: adminKey, ...variables })
    .error?.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);

t.test("what passes over networks of others needs https, and says so by its name", async (t) => {
  const demanded: [schema: typeof mcpSchema | typeof adminSchema, variable: string][] = [
    [mcpSchema, "MCP_PUBLIC_URL"],
    [mcpSchema, "OAUTH_SUCCESS_URL"],
    [mcpSchema, "GOOGLE_AUTHORIZATION_URL"],
    [mcpSchema, "GOOGLE_TOKEN_URL"],
    [mcpSchema, "GOOGLE_REVOCATION_URL"],
    [mcpSchema, "GOOGLE_API_URL"],
    [adminSchema, "ADMIN_PUBLIC_URL"],
  ];
  for (const [schema, variable] of demanded) {
    for (const url of [
      "http://cita.example",
      "HTTP://cita.example",
      "http://10.0.0.5:60000",
      "http://localhost.cita.example",
      "http://127.0.0.1.cita.example",
      "http://localhost@cita.example",
      "http://[2001:db8::1]",
      "http://0.0.0.0",
    ]) {
      t.strictSame(
        problems({ [variable]: url }, schema),
        [`${variable} must be an https URL: plain http is for localhost only`],
        url,
      );
    }
    for (const url of ["ftp://cita.example", "cita.example", "javascript:1"]) {
      t.strictSame(problems({ [variable]: url }, schema), [`${variable} must be an http or https URL`], url);
    }
    for (const url of ["https://cita.example", "http://localhost:1", "http://127.0.0.2", "http://[::1]:1"]) {
      t.equal(problems({ [variable]: url }, schema), undefined, url);
    }
  }
  // Between the services there may be a private network.
  t.equal(problems({ CALENDAR_URL: "http://mcp-calendar:60002" }, adminSchema), undefined);
});

t.test("every secret is looked at", async (t) => {
  for (const weak of ["password12345678", "changeme-changeme"]) {
    t.match(problems({ CALENDAR_SERVICE_KEY: weak }), [/^CALENDAR_SERVICE_KEY is too weak/]);
    t.match(problems({ CALENDAR_SERVICE_KEY: weak, ADMIN_API_KEY: weak }, adminSchema), [
      /^ADMIN_API_KEY is too weak/,
      /^CALENDAR_SERVICE_KEY is too weak/,
    ]);
  }
  const good = secrets.TOKEN_ENCRYPTION_KEY;
  for (const bytes of [Buffer.alloc(32), Buffer.from("passwordpasswordpasswordpassword")]) {
    const key = `${bytes.toString("base64url")}=`;
    const expected = [/^TOKEN_ENCRYPTION_KEY holds a key that is no random one.* npm run keys -- generate$/];
    t.match(problems({ TOKEN_ENCRYPTION_KEY: key }), expected);
    t.match(problems({ TOKEN_ENCRYPTION_KEY: `${good}, ${key}` }), expected, "each of several");
  }
  const published = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
  t.match(problems({ TOKEN_ENCRYPTION_KEY: published }), [/or an example/]);
  t.match(problems({ TOKEN_ENCRYPTION_KEY: "short" }), [/must be Fernet keys/]);
});
