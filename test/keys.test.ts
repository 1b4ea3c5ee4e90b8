import { generateFernetKey } from "@cita/token-store";
import t from "tap";
import { runScript } from "./support/command.ts";
import { fingerprintOf } from "./support/stored-connections.ts";
import { createWorld, type World } from "./support/world.ts";

// Under load, killed in the middle, with rows that are damaged or lost: test/proofs/keys.test.ts.

const [older, newer, lost] = [generateFernetKey(), generateFernetKey(), generateFernetKey()] as const;
const slots = (world: World) => world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
const answered = { answer: { slots: Array } };

t.test("a new key takes an old one's place while the service runs", async (t) => {
  const variables = { TOKEN_ENCRYPTION_KEY: older };
  const world = await createWorld(t, { variables });
  await world.connected("luna");
  const keys = async (keyRing: string, ...args: string[]) => {
    const env = { TOKEN_ENCRYPTION_KEY: keyRing, DATABASE_URL: world.databases.mcp };
    const command = runScript(t, "scripts/keys.ts", { cwd: world.folder, env, args });
    const code = await command.ended;
    for (const key of keyRing.split(",")) t.notMatch(command.output(), key, "a key isn't printed");
    return { code, text: command.output() };
  };
  const both = `${newer},${older}`;
  t.match(await keys(older, "generate"), {
    code: 0,
    text: /^[\w-]{43}=\n[\s\S]*FIRST in TOKEN_ENCRYPTION_KEY/,
  });

  variables.TOKEN_ENCRYPTION_KEY = both;
  await world.restart();
  const status = await keys(both, "status");
  t.match(status, { code: 0, text: /npm run keys -- rotate/ });
  t.match(status.text, new RegExp(`2\\. ${fingerprintOf(older)}  connections: 1, links: 0`));
  const rotated = await keys(both, "rotate");
  t.match(rotated, { code: 0, text: `Nothing needs ${fingerprintOf(older)} any more` });
  t.match(await slots(world), answered);

  variables.TOKEN_ENCRYPTION_KEY = newer;
  await world.restart();
  t.match(await slots(world), answered, "the new key alone opens everything");

  variables.TOKEN_ENCRYPTION_KEY = lost;
  await t.rejects(world.restart(), {
    code: "keys_missing",
    message: new RegExp(`${fingerprintOf(newer)} seals 1 connection`),
  });
});
