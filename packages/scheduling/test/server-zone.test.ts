import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import t from "tap";
import { type Answer, answer } from "./answers.ts";
import { anyQuestion } from "./arbitrary-question.ts";
import { askOracle } from "./oracle.ts";

const serverZones = [
  "Pacific/Kiritimati",
  "America/Adak",
  "Asia/Kathmandu",
  "Africa/Cairo",
  "Australia/Lord_Howe",
];

/** The same ones every time, so that a difference can be looked into. */
const questions = fc.sample(anyQuestion, { numRuns: 120, seed: 1 });

t.test("the server's own time zone changes no answer", async (t) => {
  const offsets = new Set<number>();
  const expected = questions.map((question) => askOracle(question).starts);
  t.ok(expected.flat().length > 10 * questions.length);
  const answers = questions.map(answer);
  for (const serverZone of serverZones) {
    const server = runServerIn(serverZone);
    offsets.add(server.serverOffset);
    const differing = questions.filter((_, i) => !isDeepStrictEqual(server.answers[i], answers[i]));
    t.strictSame(differing, [], serverZone);
    const wrong = questions.filter((_, i) => !isDeepStrictEqual(startsOf(server.answers[i]), expected[i]));
    t.strictSame(wrong, [], serverZone);
  }
  t.equal(offsets.size, serverZones.length, "each server was in a zone of its own");
});

function runServerIn(serverZone: string): { serverOffset: number; answers: Answer[] } {
  const program = fileURLToPath(new URL("./answer-questions.ts", import.meta.url));
  const options = { env: { TZ: serverZone }, input: JSON.stringify(questions), maxBuffer: 2 ** 26 };
  return JSON.parse(execFileSync(process.execPath, [program], { ...options, encoding: "utf8" }));
}

function startsOf(answer: Answer | undefined): number[] | undefined {
  return answer?.slots.map(({ start }) => start);
}
