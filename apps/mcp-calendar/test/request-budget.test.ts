import t from "tap";
import { createRequestBudget, type RequestBudget } from "../src/calendars/upstream/request-budget.ts";

const perCustomer = 540;
const perProject = 540;
const stepMs = 50;

/** How many requests a customer asks for in each step. */
type Demand = (step: number) => number;

const loud: Demand = () => 3;
/** Twenty a minute. */
const calm: Demand = (step) => (step % 60 === 0 ? 1 : 0);
const from =
  (minute: number, demand: Demand): Demand =>
  (step) =>
    step >= (minute * 60_000) / stepMs ? demand(step) : 0;

/** A minute after the other: what each customer asked for and got. The order of asking changes with each step. */
function simulate(
  minutes: number,
  demands: Record<string, Demand>,
  limits = { perCustomer, perProject },
): Record<string, { asked: number; got: number }>[] {
  const clock = { ms: 0 };
  const budget = createRequestBudget(limits, () => clock.ms);
  const customers = Object.entries(demands);
  const byMinute: Record<string, { asked: number; got: number }>[] = [];
  for (let step = 0; step < (minutes * 60_000) / stepMs; step++) {
    clock.ms = step * stepMs;
    const minute = Math.floor(clock.ms / 60_000);
    byMinute[minute] ??= Object.fromEntries(customers.map(([name]) => [name, { asked: 0, got: 0 }]));
    for (let i = 0; i < customers.length; i++) {
      const [name, demand] = customers[(i + step) % customers.length] ?? ["", () => 0];
      const figures = byMinute[minute]?.[name] ?? { asked: 0, got: 0 };
      for (let n = demand(step); n > 0; n--) {
        figures.asked += 1;
        if (budget.take(name) === undefined) figures.got += 1;
      }
    }
  }
  return byMinute;
}

const named = (count: number, demand: Demand, prefix = "loud") =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}-${i}`, demand]));

const total = (minute: Record<string, { got: number }> = {}) =>
  Object.values(minute).reduce((sum, { got }) => sum + got, 0);

t.test("whoever takes little is served, however many take what they can", async (t) => {
  // Beside more than 24, twenty a minute are more than an even share.
  for (const many of [1, 2, 5, 20, 24]) {
    for (const minute of simulate(4, { ...named(many, loud), calm })) {
      t.match(minute, { calm: { asked: 20 } });
      t.ok((minute.calm?.got ?? 0) >= 19, `${minute.calm?.got} of 20 beside ${many} loud ones`);
    }
  }
});

t.test("the quota is used, and shared out evenly, where all want more than there is", async (t) => {
  for (const many of [1, 2, 3, 20, 100, 500]) {
    const minutes = simulate(4, named(many, loud));
    for (const minute of minutes.slice(1)) {
      const used = total(minute);
      t.ok(used >= 0.95 * perProject && used <= 1.05 * perProject, `${used} of ${perProject} by ${many}`);
    }
    const shares = Object.values(minutes.at(-1) ?? {}).map(({ got }) => got);
    const fair = perProject / many;
    t.ok(Math.max(...shares) <= 1.3 * fair + 2, `the largest share is ${Math.max(...shares)} of ${fair}`);
    t.ok(Math.min(...shares) >= 0.7 * fair - 2, `the smallest share is ${Math.min(...shares)} of ${fair}`);
  }
});

t.test("a project far larger than what a customer may take is used as well", async (t) => {
  const limits = { perCustomer: 540, perProject: 9_000 };
  const minutes = simulate(3, { ...named(20, () => 1), calm }, limits);
  t.ok(total(minutes[2]) >= 0.95 * 9_000);
  t.ok((minutes[2]?.calm?.got ?? 0) >= 19);
  const uncontended = simulate(2, named(10, loud), limits);
  t.ok(total(uncontended[1]) >= 0.99 * 10 * 540, "below the project's quota a customer's own is the limit");
});

t.test("what some leave over goes to those who want more", async (t) => {
  const modest: Demand = (step) => (step % 24 === 0 ? 1 : 0);
  const minutes = simulate(4, { ...named(4, loud), ...named(5, modest, "modest"), calm });
  const last = minutes.at(-1) ?? {};
  for (let i = 0; i < 5; i++) t.ok((last[`modest-${i}`]?.got ?? 0) >= 48, "50 a minute are below the share");
  t.ok(total(last) >= 0.95 * perProject);
});

t.test("those who come later have their share from then on", async (t) => {
  const minutes = simulate(6, { ...named(10, loud), ...named(10, from(3, loud), "new"), calm });
  const newcomers = Object.entries(minutes[3] ?? {}).filter(([name]) => name.startsWith("new"));
  for (const [name, { got }] of newcomers) t.ok(got >= 0.7 * (perProject / 20), `${name} has ${got}`);
  // While ten newcomers catch up, the calm one has taken more than they have.
  const served = minutes.map(({ calm }) => calm?.got ?? 0);
  t.ok(
    served.every((got, minute) => got >= (minute === 3 ? 12 : 19)),
    `${served}`,
  );
  t.ok(total(minutes[5]) >= 0.95 * perProject);
});

function withClock(limits: { perCustomer: number; perProject: number }) {
  const clock = { ms: 0 };
  return { clock, budget: createRequestBudget(limits, () => clock.ms) };
}

function takeAll(budget: RequestBudget, customerId: string): number {
  let taken = 0;
  while (budget.take(customerId) === undefined) taken += 1;
  return taken;
}

t.test("after a pause of all, or of one, the budget is what flows in", async (t) => {
  const { clock, budget } = withClock({ perCustomer: 60, perProject: 120 });
  t.equal(takeAll(budget, "luna"), 60);
  clock.ms += 10_000;
  t.equal(takeAll(budget, "luna"), 10);
  clock.ms += 3_600_000;
  t.equal(takeAll(budget, "luna"), 60, "no more than a minute's worth is saved");

  budget.pause("sol", 30_000, "calendar_unavailable");
  t.equal(budget.take("sol"), "calendar_unavailable");
  t.equal(budget.reserve("sol", 1), "calendar_unavailable");
  clock.ms += 29_999;
  t.equal(budget.take("sol"), "calendar_unavailable");
  clock.ms += 1;
  t.equal(budget.take("sol"), undefined);
});

t.test("instances that come and go change each one's share of the project's budget at once", async (t) => {
  const clock = { ms: 0 };
  let instances = 1;
  const limits = { perCustomer: 1_000, perProject: 120, countInstances: () => instances };
  const budget = createRequestBudget(limits, () => clock.ms);
  const takeEach = (count: number) =>
    Array.from({ length: count }, (_, i) => budget.take(`customer ${i}`)).filter((one) => one === undefined);
  instances = 4;
  t.equal(takeEach(200).length, 30, "what was saved for one alone is given up");
  clock.ms += 30_000;
  t.equal(takeEach(200).length, 15, "and a quarter flows in");
  instances = 1;
  clock.ms += 30_000;
  t.equal(takeEach(200).length, 60);
  clock.ms += 600_000;
  instances = 2;
  t.equal(takeEach(200).length, 60);
});

t.test("what is set aside is taken from both buckets, spent first, and given back once", async (t) => {
  const { budget } = withClock({ perCustomer: 20, perProject: 400 });
  const reservation = budget.reserve("luna", 8);
  if (typeof reservation === "string") throw new Error(reservation);
  t.equal(takeAll(budget, "luna"), 12);
  t.equal(budget.reserve("luna", 1), "rate_limited");
  for (let i = 0; i < 3; i++) t.equal(budget.take("luna", reservation), undefined);
  t.equal(budget.take("sol", reservation), undefined, "from sol's own budget");
  reservation.release();
  reservation.release();
  t.equal(budget.take("luna", reservation), undefined, "then from what was given back");
  t.equal(takeAll(budget, "luna"), 4);
  t.equal(takeAll(budget, "sol"), 19);
});

t.test("a reservation is all or nothing, and unused costs nothing", async (t) => {
  const { budget } = withClock({ perCustomer: 10, perProject: 15 });
  t.equal(budget.reserve("luna", 11), "rate_limited");
  for (let i = 0; i < 100; i++) {
    const reservation = budget.reserve("luna", 10);
    if (typeof reservation === "string") throw new Error(reservation);
    reservation.release();
  }
  t.equal(takeAll(budget, "luna"), 10);
  t.equal(budget.reserve("sol", 6), "rate_limited", "the project's bucket has five");
  t.type(budget.reserve("sol", 5), "object");
});

t.test("what is given back late never makes more than a minute's worth", async (t) => {
  const { clock, budget } = withClock({ perCustomer: 10, perProject: 100 });
  const reservation = budget.reserve("luna", 6);
  if (typeof reservation === "string") throw new Error(reservation);
  clock.ms += 600_000;
  reservation.release();
  t.equal(takeAll(budget, "luna"), 10);
});

t.test("so many customers are remembered and no more", async (t) => {
  const { budget } = withClock({ perCustomer: 1, perProject: 100_000 });
  t.equal(takeAll(budget, "first"), 1);
  for (let i = 0; i < 5_000; i++) budget.take(`customer-${i}`);
  t.equal(takeAll(budget, "first"), 1);
});
