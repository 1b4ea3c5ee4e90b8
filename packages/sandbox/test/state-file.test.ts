import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { buildSandbox } from "../src/index.ts";
import {
  calendarCaller,
  control,
  EVENTS,
  prepareStateFile,
  signIn,
  startAfterKill,
  startSandbox,
} from "./sandbox-session.ts";

const start = { dateTime: "2027-01-18T10:00:00-05:00" };
const end = { dateTime: "2027-01-18T10:30:00-05:00" };
const zoned = { timeZone: "America/Bogota" };

/** As it was written before accounts had further calendars. */
const EARLIER_FILE = {
  version: 1,
  accounts: [
    {
      email: "ana@example.com",
      timeZone: "America/Bogota",
      calendar: {
        updatedMs: 1800280800000,
        lastEtag: 3600561600000000,
        events: [
          {
            id: "older",
            resource: {
              start: { date: "2027-01-18" },
              end: { date: "2027-01-19" },
              kind: "calendar#event",
              id: "older",
              etag: '"3600561600000000"',
              status: "confirmed",
              creator: { email: "ana@example.com", self: true },
              organizer: { email: "ana@example.com", self: true },
            },
            startMs: 1800248400000,
            endMs: 1800334800000,
            updatedMs: 1800280800000,
          },
        ],
      },
    },
  ],
  grants: { consents: [], codes: [], accessTokens: [], refreshTokens: [] },
};

t.test("what was done is kept even where its answer was dropped", async (t) => {
  const { stateFile, begin } = prepareStateFile(t);
  const { app } = begin();
  const tokens = await signIn(app);
  await app.inject(control("faults", { path: EVENTS, method: "POST", drop: "answer", times: 1 }));
  await t.rejects(calendarCaller(app, tokens)("POST", "", { payload: { id: "unheard", start, end } }));
  t.equal((await calendarCaller(startAfterKill(t, stateFile), tokens)("GET", "/unheard")).statusCode, 200);
});

t.test("the file is its owner's alone, and nothing lies beside it", async (t) => {
  const { folder, stateFile, begin } = prepareStateFile(t);
  const { app } = begin();
  await app.inject("/_sandbox/calls");
  t.strictSame(readdirSync(folder), [], "nothing is written before there is anything to keep");
  await signIn(app);
  t.equal(statSync(stateFile).mode & 0o777, 0o600);
  t.strictSame(readdirSync(folder), ["state.json"]);
});

t.test("a closed sandbox leaves the file to the next", async (t) => {
  const { begin } = prepareStateFile(t);
  const { app: first } = begin();
  const tokens = await signIn(first);
  await first.inject(control("faults", { path: EVENTS, latency_ms: 30 }));
  const slow = calendarCaller(first, tokens)("POST", "", { payload: { id: "toolate", start, end } });
  await first.close();
  const { app: second } = begin();
  await calendarCaller(second, tokens)("POST", "", { payload: { id: "intime", start, end } });
  await slow.catch(() => {});
  await second.close();
  const call = calendarCaller(begin().app, tokens);
  t.equal((await call("GET", "/intime")).statusCode, 200);
});

t.test(
  "a file from before further calendars still loads, and is left alone by a sandbox that did nothing",
  async (t) => {
    const earlier = JSON.stringify(EARLIER_FILE);
    const stateFile = join(t.testdir({ "state.json": earlier }), "state.json");
    const { app } = startSandbox(t, { stateFile });
    t.match((await app.inject("/_sandbox/events?email=ana@example.com")).json(), {
      events: [{ id: "older" }],
    });
    await app.close();
    t.equal(readFileSync(stateFile, "utf8"), earlier);
  },
);

t.test("a damaged file, or one of another version, is named and left alone", async (t) => {
  const { stateFile, begin } = prepareStateFile(t);
  const { app } = begin();
  const call = calendarCaller(app, await signIn(app));
  const calendars = [{ id: "team@group.calendar.google.com", time_zone: "Europe/Madrid" }];
  await app.inject(control("accounts", { email: "ana@example.com", calendars }));
  await call("POST", "", {
    payload: { id: "series", start: { ...start, ...zoned }, end, recurrence: ["RRULE:FREQ=DAILY"] },
  });
  await app.close();
  const good = readFileSync(stateFile, "utf8");
  const edited = (from: string, to: string) => good.replaceAll(from, to);
  for (const damaged of [
    "",
    "null",
    "{}",
    good.slice(0, -1),
    edited('"version":1', '"version":2'),
    edited('"consents":', '"consent":'),
    edited("America/Bogota", "Nowhere"),
    edited("Europe/Madrid", "Nowhere"),
    edited('"id":"team@', '"id":"team'),
    edited('"calendars":[', '"calendars":null,"were":['),
    edited("RRULE:FREQ=DAILY", "FREQ=DAILY"),
    edited('"recurrence":[', '"recurrence":7,"was":['),
    edited("2027-01-18T10:00:00-05:00", "soon"),
  ]) {
    t.not(damaged, good);
    writeFileSync(stateFile, damaged);
    t.throws(() => buildSandbox({ stateFile }), {
      message: `The sandbox's state file ${stateFile} is damaged or of another version: delete it to start afresh.`,
    });
    t.equal(readFileSync(stateFile, "utf8"), damaged);
  }
  rmSync(stateFile);
  await buildSandbox({ stateFile }).close();
});

t.test("a place that can't be read or written is named, at the start and later", async (t) => {
  const { folder, stateFile, begin } = prepareStateFile(t);
  const { app } = begin();
  await signIn(app);
  for (const impossible of [folder, join(stateFile, "state.json")]) {
    const message = `The sandbox can't keep its state in ${impossible}: `;
    t.throws(() => buildSandbox({ stateFile: impossible }), { message: new RegExp(`^${message}E`) });
  }
  rmSync(folder, { recursive: true });
  const refused = await app.inject(control("expire-access-tokens"));
  t.match(
    [refused.statusCode, refused.json().message],
    [500, `The sandbox can't keep its state in ${stateFile}`],
  );
  await t.rejects(app.close(), { name: "StateFileError" });
});
