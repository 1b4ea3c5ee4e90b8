import t, { type Test } from "tap";
import { type Interleaved, interleavePersons, interleaveTenants } from "../support/interleaved-calls.ts";

const calls = 3_000;

const mixtures: Record<string, (t: Test, calls: number) => Promise<Interleaved>> = {
  "two tenants' calls with their own keys": interleaveTenants,
  "three persons' calls under one key": interleavePersons,
};

for (const [whose, interleaved] of Object.entries(mixtures)) {
  t.test(`${whose}, thousands of them interleaved, never cross`, async (t) => {
    const { crossed, overlapped } = await interleaved(t, calls);
    t.strictSame(crossed, []);
    t.ok(overlapped > 0.9 * calls, `${overlapped} began while others were under way`);
  });
}
