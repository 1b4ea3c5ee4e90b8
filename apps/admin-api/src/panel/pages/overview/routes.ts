import { dayMs } from "@cita/scheduling";
import type { FastifyPluginAsync } from "fastify";
import { mayDo, scopeOf } from "../../../access/caller.ts";
import type { PageDeps } from "../../panel.ts";
import { answersWithin } from "../../parts/answers-within.ts";
import { viewerOf } from "../../viewer.ts";
import { overviewBody } from "./view.ts";
import { overviewWords } from "./words.ts";

const shownDays = 7;
const maxAttention = 8;

/** The first page: how the businesses are, and what needs somebody now. */
export const overviewRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, customerList, countCustomers, dailyBookings, follower, calendarApi, now } = deps;

  app.get("/", { config: { access: { action: "list_customers" } } }, async (request, reply) => {
    const viewer = viewerOf(request);
    const { caller, language, name } = viewer;
    if (caller.kind === "owner")
      return reply.redirect(`/clientes/${encodeURIComponent(caller.customerId)}`, 303);
    const scope = scopeOf(caller);
    const days = Array.from({ length: shownDays }, (_, i) => toDay(now() - (shownDays - 1 - i) * dayMs));
    const [counts, attention, booked, calendarAnswers] = await Promise.all([
      countCustomers(scope),
      customerList.needingAttention(scope, maxAttention),
      dailyBookings.since(days[0] ?? "", scope),
      answersWithin(
        calendarApi.ready().then(
          () => true,
          () => false,
        ),
        false,
      ),
    ]);
    const words = overviewWords[language];
    return pages.send(request, reply, {
      ...{ title: words.title, subtitle: words.greeting(name), section: "overview" },
      body: overviewBody(viewer, {
        ...{ counts, attention, calendarAnswers, now: now() },
        days: days.map((day) => ({ day, booked: booked.get(day) ?? 0 })),
        secondsBehind: follower.secondsBehind(),
        isAdmin: mayDo(caller, "administer", false),
      }),
    });
  });
};

function toDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
