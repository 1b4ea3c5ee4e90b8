import * as fc from "fast-check";
import t from "tap";
import { anyQuestion } from "./arbitrary-question.ts";
import { findDifferences, findOpeningDifferences } from "./differences.ts";
import { askOracle, type Oracle } from "./oracle.ts";
import type { Question } from "./question.ts";

const minute = 60_000;

/** About two milliseconds each. For a longer search, write a larger number. */
const runs = 800;

t.test("whatever is asked, exactly what the rules allow is offered and accepted", async (t) => {
  const offering = { questions: 0, slots: 0, everything: 0 };
  const property = fc.property(anyQuestion, fc.array(fc.nat()), (question, anywhere) => {
    const oracle = askOracle(question);
    const probes = probesOf(question, oracle, anywhere);
    expectNone(findDifferences(question, oracle, probes));
    const nows = probes.slice(0, 3);
    expectNone(nows.flatMap((now) => findOpeningDifferences(question, oracle, now)));
    offering.everything++;
    offering.slots += oracle.starts.length;
    if (oracle.starts.length > 0) offering.questions++;
  });
  void fc.assert(property, { numRuns: runs });
  t.comment(`${offering.questions} of ${offering.everything} questions had ${offering.slots} slots`);
  t.ok(offering.questions > runs / 3, "enough of the questions have any slots");
  t.ok(offering.slots > 10 * runs);
});

/** Some of the starts that are right, what lies just beside them, and any other minutes. */
function probesOf(
  { from, days, policy }: Question,
  { starts }: Oracle,
  anywhere: readonly number[],
): number[] {
  const midnight = Date.parse(`${from}T00:00:00Z`);
  const some = starts.filter((_, i) => i % Math.ceil(starts.length / 4) === 0);
  return [
    ...some.flatMap((start) => [start - minute, start, start + minute, start + policy.intervalMs]),
    ...anywhere.map((number) => midnight + ((number % ((days + 2) * 1_440)) - 1_440) * minute),
  ];
}

function expectNone(differences: readonly string[]): void {
  if (differences.length > 0) throw new Error(differences.slice(0, 10).join("\n"));
}
