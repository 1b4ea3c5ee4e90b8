import { setImmediate as nextTurn } from "node:timers/promises";
import { createTurnEnd } from "@cita/mcp-endpoint";
import t from "tap";

t.test("all who ask in the same turn go on together, when everybody's work in it is done", async (t) => {
  const turnEnd = createTurnEnd();
  const said: string[] = [];
  const answer = async (name: string) => {
    said.push(`${name} is ready`);
    await turnEnd();
    said.push(`${name} leaves`);
  };
  const answers = [answer("a"), Promise.resolve().then(() => answer("b")), answer("c")];
  await Promise.resolve().then(() => said.push("other work"));
  await Promise.all(answers);
  const [ready, left] = [said.slice(0, 4), said.slice(4)];
  t.strictSame(ready.toSorted(), ["a is ready", "b is ready", "c is ready", "other work"]);
  t.strictSame(left.toSorted(), ["a leaves", "b leaves", "c leaves"]);
});

t.test("who asks in a later turn waits for the end of that one", async (t) => {
  const turnEnd = createTurnEnd();
  const first = turnEnd();
  t.equal(turnEnd(), first, "one end to a turn");
  await first;
  await nextTurn();
  let isOver = false;
  const second = turnEnd().then(() => {
    isOver = true;
  });
  await Promise.resolve();
  t.equal(isOver, false);
  await second;
  t.equal(isOver, true);
});
