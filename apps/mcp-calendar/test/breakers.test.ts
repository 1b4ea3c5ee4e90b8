import t from "tap";
import { type Breakers, type CallOutcome, createBreakers } from "../src/calendars/upstream/breakers.ts";

const timeoutMs = 5_000;
const openMs = 5_000;

function withClock() {
  const clock = { ms: 0 };
  const breakers = createBreakers({ openMs }, () => clock.ms);
  /** One call after the other, each as long as it takes to fail that way. */
  const call = (customer: string, outcome: CallOutcome): "refused" | CallOutcome => {
    if (!breakers.allows(customer)) return "refused";
    const begun = breakers.begin(customer);
    clock.ms += outcome === "unanswered" ? timeoutMs : 50;
    begun.end(outcome);
    return outcome;
  };
  return { clock, breakers, call };
}

/** Calls that are under way together and end at the same moment. */
function together(breakers: Breakers, clock: { ms: number }, customers: string[], outcome: CallOutcome) {
  const calls = customers.filter(breakers.allows).map((customer) => breakers.begin(customer));
  clock.ms += outcome === "unanswered" ? timeoutMs : 50;
  for (const one of calls) one.end(outcome);
  return calls.length;
}

t.test("a customer's failures in a row open that customer's breaker, and nobody else's", async (t) => {
  const cases: [outcome: CallOutcome, takes: number][] = [
    ["failed", 5],
    ["unanswered", 3],
  ];
  for (const [outcome, takes] of cases) {
    const { clock, call } = withClock();
    for (let i = 0; i < takes; i++) t.equal(call("luna", outcome), outcome);
    t.equal(call("luna", outcome), "refused");
    t.equal(call("sol", "answered"), "answered");
    clock.ms += openMs - 51;
    t.equal(call("luna", outcome), "refused");
    clock.ms += 1;
    t.equal(call("luna", "answered"), "answered", "the probe closes it");
    for (let i = 0; i < takes; i++) t.equal(call("luna", outcome), outcome, "and counting begins anew");
    t.equal(call("luna", outcome), "refused");
  }
});

t.test("an answer in between begins the row anew, and an answered failure ends a silence", async (t) => {
  const { call } = withClock();
  for (let i = 0; i < 20; i++) {
    t.equal(call("luna", i % 3 === 2 ? "answered" : "unanswered"), i % 3 === 2 ? "answered" : "unanswered");
  }
  t.equal(call("luna", "answered"), "answered");
  for (const outcome of ["unanswered", "unanswered", "failed", "unanswered", "unanswered"] as const) {
    t.equal(call("luna", outcome), outcome);
  }
  t.equal(call("luna", "unanswered"), "refused", "five failures all the same");
});

t.test("calls that fail together are one failure", async (t) => {
  const { clock, breakers } = withClock();
  const pages = Array.from({ length: 10 }, () => "luna");
  for (let i = 0; i < 3; i++) t.equal(together(breakers, clock, pages, "unanswered"), 10);
  t.equal(together(breakers, clock, pages, "unanswered"), 0);
});

t.test("one probe at a time, the others are refused at once, and a failed one opens it again", async (t) => {
  const { clock, breakers, call } = withClock();
  for (let i = 0; i < 3; i++) call("luna", "unanswered");
  clock.ms += openMs;
  const probe = breakers.begin("luna");
  for (let i = 0; i < 10; i++) t.notOk(breakers.allows("luna"));
  t.notOk(probe.mayRepeat(), "a probe isn't repeated");
  clock.ms += timeoutMs - 1;
  t.notOk(breakers.allows("luna"));
  probe.end("unanswered");
  clock.ms += openMs - 1;
  t.notOk(breakers.allows("luna"));
  clock.ms += 1;
  t.ok(breakers.allows("luna"));
});

t.test("a probe that never ends holds nobody up for longer than the breaker is open", async (t) => {
  const { clock, breakers, call } = withClock();
  for (let i = 0; i < 3; i++) call("luna", "unanswered");
  clock.ms += openMs;
  breakers.begin("luna");
  clock.ms += openMs;
  t.ok(breakers.allows("luna"));
});

t.test("few failing customers are no outage, however often they fail", async (t) => {
  const { clock, breakers, call } = withClock();
  for (let round = 0; round < 50; round++) {
    for (const customer of ["a", "b", "c", "d"]) call(customer, round % 2 ? "unanswered" : "failed");
    t.ok(breakers.allows("calm"));
    clock.ms += 1_000;
  }
});

t.test("many failing customers are no outage as long as another is answered", async (t) => {
  const { clock, breakers, call } = withClock();
  const bad = Array.from({ length: 30 }, (_, i) => `bad-${i}`);
  let refused = 0;
  for (let round = 0; round < 100; round++) {
    for (const customer of bad.slice(0, 3 + (round % 4))) call(customer, "failed");
    if (call("calm", "answered") === "refused") refused += 1;
    clock.ms += 100;
  }
  t.ok(refused <= 5, `${refused} of 100 were refused`);
  together(breakers, clock, bad, "unanswered");
  t.equal(call("calm", "answered"), "answered", "who hasn't failed is asked for at once");
  t.equal(call("bad-1", "failed"), "failed", "and that ends it");
});

t.test("when nobody is answered, few are sent, and the first answer lets all through again", async (t) => {
  const { clock, breakers } = withClock();
  const all = Array.from({ length: 200 }, (_, i) => `customer-${i}`);
  for (const customer of all.slice(0, 5)) together(breakers, clock, [customer], "failed");
  let probes = 0;
  const pending: (() => void)[] = [];
  const outageMs = 30_000;
  for (let ms = 0; ms < outageMs; ms += 100) {
    clock.ms += 100;
    for (const customer of all) {
      if (!breakers.allows(customer)) continue;
      const probe = breakers.begin(customer);
      probes += 1;
      const endsAt = clock.ms + timeoutMs;
      pending.push(() => clock.ms >= endsAt && probe.end("unanswered"));
    }
    for (const end of pending) end();
  }
  t.ok(probes >= 6 && probes <= 40, `${probes} of ${(200 * outageMs) / 100} calls were sent`);
  const back = clock.ms;
  while (!all.some(breakers.allows)) clock.ms += 10;
  t.ok(clock.ms - back <= openMs, `${clock.ms - back} ms after it is back somebody is asked for`);
  const lucky = all.find(breakers.allows) ?? "";
  breakers.begin(lucky).end("answered");
  const served = all.filter(breakers.allows).length;
  t.ok(served >= 190, `${served} of 200 are served at once`);
  clock.ms += openMs;
  t.ok(all.every(breakers.allows));
});

t.test("of a few customers none pays for an outage again and again", async (t) => {
  const { clock, breakers } = withClock();
  const all = ["a", "b", "c", "d", "e", "f"];
  for (const customer of all) together(breakers, clock, [customer], "failed");
  let asked = 0;
  for (let second = 0; second < 60; second++) {
    clock.ms += 1_000;
    for (const customer of all) asked += together(breakers, clock, [customer], "failed");
  }
  t.ok(asked <= 2 * (60_000 / openMs), `${asked} of 360 were sent`);
});

t.test("one whose own calendar fails doesn't keep an outage up for the others", async (t) => {
  const { clock, breakers, call } = withClock();
  const all = ["a", "b", "c", "d", "e", "f"];
  for (const customer of all) together(breakers, clock, [customer], "failed");
  t.equal(call("b", "answered"), "refused");
  const back = clock.ms;
  // `a` asks at every moment and still fails; the others ask every two seconds.
  while (!breakers.allows("b")) {
    call("a", "failed");
    clock.ms += 20;
    const isTurn = clock.ms % 2_000 < 20;
    if (isTurn && all.slice(1).some((customer) => call(customer, "answered") === "answered")) break;
  }
  t.ok(clock.ms - back <= 2 * openMs, `served again after ${clock.ms - back} ms`);
});

t.test("what was sent before somebody was answered is no evidence", async (t) => {
  const { clock, breakers, call } = withClock();
  const late = ["a", "b", "c", "d", "e", "f"].map((customer) => breakers.begin(customer));
  clock.ms += 1_000;
  call("calm", "answered");
  for (const one of late) one.end("unanswered");
  t.ok(breakers.allows("anybody"));
});

t.test("failures that are more than a minute apart aren't an outage", async (t) => {
  const { clock, breakers, call } = withClock();
  for (let i = 0; i < 20; i++) {
    call(`customer-${i}`, "failed");
    clock.ms += 16_000;
  }
  t.ok(breakers.allows("anybody"));
});

t.test("so many failing customers are remembered and no more", async (t) => {
  const { call } = withClock();
  for (let i = 0; i < 3; i++) call("first", "unanswered");
  t.equal(call("first", "unanswered"), "refused");
  for (let i = 0; i < 5_000; i++) {
    call(`customer-${i}`, "failed");
    call("calm", "answered");
  }
  t.equal(call("first", "unanswered"), "unanswered");
});

t.test("those whose own calendars fail are no outage to neighbours who ask together", async (t) => {
  const { clock, breakers, call } = withClock();
  const bad = ["a", "b", "c", "d", "e", "f"];
  let refused = 0;
  for (let round = 0; round < 100; round++) {
    for (const customer of bad) call(customer, "failed");
    const calm = ["luna", "luna", "sol", "mar"];
    refused += calm.length - together(breakers, clock, calm, "answered");
    clock.ms += 600;
  }
  t.ok(refused <= 3, `${refused} of 400 were refused`);
  for (const customer of bad) call(customer, "answered");
  for (const customer of bad.slice(0, 5)) call(customer, "unanswered");
  t.equal(call("a", "unanswered"), "refused", "who was answered since counts again");
});
