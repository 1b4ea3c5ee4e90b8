import t from "tap";
import { checkAround } from "./around-transitions.ts";
import { transitionsOf, zones } from "./zones.ts";

// Every change from 2024 to 2035: test/proofs/clock-changes.test.ts.

t.test("right around the first changes of the clocks in each zone", async (t) => {
  let checked = 0;
  for (const timeZone of zones) {
    for (const transition of transitionsOf(timeZone).slice(0, 2)) {
      const { differences, slots } = checkAround(transition);
      t.strictSame(differences, [], `${transition}`);
      t.ok(slots > 50, `${slots} slots`);
      checked++;
    }
  }
  t.ok(checked >= 80, `${checked} changes`);
});
