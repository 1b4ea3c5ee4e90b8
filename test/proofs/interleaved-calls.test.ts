import t from "tap";
import { interleavings } from "../support/crossed-calls.ts";

for (const [whose, findCrossed] of Object.entries(interleavings)) {
  t.test(`${whose}, 3,000 of them interleaved, never cross`, async (t) => {
    const { crossed, overlapped } = await findCrossed(t, 3_000);
    t.strictSame(crossed, []);
    t.ok(overlapped > 2_700, `${overlapped} began while others were under way`);
  });
}
