import { setTimeout as sleep } from "node:timers/promises";
import { createCalendarApiClient } from "@cita/calendar-api";
import t from "tap";
import { createProcessWorld } from "../support/process-world.ts";
import { serviceKey } from "../support/test-keys.ts";

const world = await createProcessWorld(t);
const reading = await world.start("apps/mcp-calendar/src/main.ts");
const writing = await world.start("apps/mcp-calendar/src/main.ts");
await reading.connect("luna");
const clientOf = (baseUrl: string) => createCalendarApiClient({ baseUrl, serviceKey });
const reader = clientOf(reading.url);

const rounds = 100;

for (const [whose, url] of Object.entries({ "its own": reading.url, "another process's": writing.url })) {
  t.test(
    `the feed delivers ${whose} events within 100 ms (p95), counted from the answer to the request that made them`,
    async (t) => {
      const writer = clientOf(url);
      const took: number[] = [];
      let { cursor } = await reader.events({});
      for (let i = 0; i < rounds; i++) {
        const waiting = reader
          .events({ after: cursor, wait: 20 })
          .then((page) => ({ ...page, at: performance.now() }));
        await sleep(20 + Math.random() * 60);
        await writer.replaceSchedule("luna", { slot_interval_minutes: i % 2 === 0 ? 15 : 20 });
        const answered = performance.now();
        const page = await waiting;
        t.equal(page.events[0]?.kind, "schedule_changed");
        took.push(page.at - answered);
        cursor = page.cursor;
      }
      took.sort((a, b) => a - b);
      const percentile = (share: number) => took[Math.ceil(rounds * share) - 1] ?? Number.NaN;
      t.comment(
        `p50 ${percentile(0.5).toFixed(1)} ms, p95 ${percentile(0.95).toFixed(1)} ms, longest ${percentile(1).toFixed(1)} ms`,
      );
      t.ok(percentile(0.95) <= 100);
    },
  );
}
