import t from "tap";
import { addPerson, login } from "../support/people.ts";
import { createWorld } from "../support/world.ts";

t.test("of a crowd that signs in at once nobody waits for long", async (t) => {
  const world = await createWorld(t, { variables: { TRUST_PROXY: "1" } });
  const crowd = Array.from({ length: 140 }, (_, i) =>
    login(
      world,
      { email: `user${i}@example.com`, password: "wrong wrong" },
      { headers: { "x-forwarded-for": `10.1.${i}.1` } },
    ),
  );
  const answers = await Promise.all(crowd);
  const statuses = new Set(answers.map(({ status }) => status));
  t.strictSame(statuses, new Set([401, 503]));
  const busy = answers.filter(({ status }) => status === 503);
  t.match(busy[0], { body: { code: "too_busy" } });
  t.ok(busy.length <= 40, `${busy.length}`);
  await addPerson(world, { email: "ana@example.com", role: "admin" });
});
