import t from "tap";
import { isRepeated, testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { interleavings } from "../support/crossed-calls.ts";

const provider = testedProvider(import.meta.url);
const count = isRepeated(provider) ? 1_000 : 3_000;

for (const [whose, findCrossed] of Object.entries(interleavings)) {
  t.test(`${whose}, ${count} of them interleaved, never cross`, async (t) => {
    const { crossed, overlapped } = await findCrossed(t, count, provider);
    t.strictSame(crossed, []);
    t.ok(overlapped > 0.9 * count, `${overlapped} began while others were under way`);
  });
}

testOtherProviders(import.meta.url);
