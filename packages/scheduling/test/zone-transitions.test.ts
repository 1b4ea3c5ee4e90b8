import t from "tap";
import { transitionsByFormat, zoneTransitions } from "../src/zone-transitions.ts";
import { zones } from "./zones.ts";

const from = Date.parse("2024-01-01T00:00:00Z");
const until = Date.parse("2031-01-01T00:00:00Z");

t.test("without Temporal the same changes of the clocks are found", async (t) => {
  let changes = 0;
  for (const timeZone of zones) {
    const expected = [...zoneTransitions(timeZone, from, until)];
    t.strictSame([...transitionsByFormat(timeZone, from, until)], expected, timeZone);
    changes += expected.length - 1;
  }
  t.ok(changes > 400, `${changes} changes`);
});

t.test("a zone without any change has its one offset, and an unknown one is an error", async (t) => {
  const [first, ...rest] = [...transitionsByFormat("Asia/Kathmandu", from, until)];
  t.strictSame(first, { at: from, offset: 20_700_000 });
  t.strictSame(rest, []);
  t.strictSame([...transitionsByFormat("UTC", from, until)], [{ at: from, offset: 0 }]);
  t.throws(() => [...transitionsByFormat("Mars/Olympus", from, until)], RangeError);
});
