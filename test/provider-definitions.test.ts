import { readConfig } from "@cita/process";
import { defineProviders } from "@cita/providers";
import t from "tap";
import { createConfigSchema } from "../apps/mcp-calendar/src/config.ts";
import { agenda, tables, twoProviders } from "./support/other-provider/definition.ts";
import { secrets } from "./support/started-services.ts";

t.test("what is missing of a client is named at the start", async (t) => {
  const { GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, ...others } = secrets;
  const schema = createConfigSchema(twoProviders);
  const problems = (variables: Record<string, string>) => {
    try {
      readConfig(schema, { ...others, ...variables });
      return [];
    } catch (error) {
      return (error as { problems?: readonly string[] }).problems;
    }
  };
  t.strictSame(problems({ GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET }), []);
  t.strictSame(problems({ AGENDA_CLIENT_ID: "a", AGENDA_CLIENT_SECRET: "b" }), [], "any one of them will do");
  t.strictSame(problems({ STATIONERY_APP: "a", STATIONERY_APP_SECRET: "b" }), [], "or that of its group");
  t.strictSame(problems({ GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, AGENDA_CLIENT_ID: "a" }), [
    "AGENDA_CLIENT_SECRET is required",
  ]);
  t.strictSame(problems({ AGENDA_CLIENT_SECRET: "b" }), ["AGENDA_CLIENT_ID is required"]);
  const instead = "is required, or another provider's: AGENDA_CLIENT_ID and AGENDA_CLIENT_SECRET";
  t.strictSame(problems({}), [`GOOGLE_CLIENT_ID ${instead}`, `GOOGLE_CLIENT_SECRET ${instead}`]);
  const google = { GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET };
  t.strictSame(problems({ ...google, PROVIDER_HOSTS_AT: "https://stand-in.example" }), [
    "PROVIDER_HOSTS_AT must be an address of this machine, such as http://127.0.0.1:60001",
  ]);
});

t.test("a definition names strategies that are there", async (t) => {
  // @ts-expect-error: no table has this dialect.
  const unknown = defineProviders(tables, [{ ...agenda, dialect: "klingon" }]);
  const { renewal: _renewal, ...incomplete } = agenda;
  // @ts-expect-error: a strategy is missing.
  const lacking = defineProviders(tables, [incomplete]);
  t.match([unknown, lacking], [[{ id: "agenda" }], [{ id: "agenda" }]], "the types alone say so");
});
