import t from "tap";
import { checkAround } from "../../packages/scheduling/test/around-transitions.ts";
import { transitionsOf, zones } from "../../packages/scheduling/test/zones.ts";

/** Fewer than these would mean that they weren't found. */
const fewestZones = 40;
const fewestTransitions = 800;

t.test("right around every change of the clocks from 2024 to 2035", async (t) => {
  let checked = 0;
  let slots = 0;
  for (const timeZone of zones) {
    const found = transitionsOf(timeZone).map(checkAround);
    checked += found.length;
    for (const around of found) slots += around.slots;
    const differences = found.flatMap((around) => around.differences);
    t.strictSame(differences, [], `${timeZone}: ${found.length} transitions`);
  }
  t.comment(`${checked} transitions in ${zones.length} zones, ${slots} slots`);
  t.ok(zones.length >= fewestZones);
  t.ok(checked >= fewestTransitions);
  t.ok(slots > 100 * checked);
});
