import { dayMs } from "@cita/scheduling";
import { mayDo, scopeOf } from "../../../access/caller.ts";
import type { SessionCaller } from "../../../people/session-store.ts";
import type { PageDeps } from "../../panel.ts";
import { answersWithin } from "../../parts/answers-within.ts";
import type { Overview } from "./view.ts";

const shownDays = 7;
const maxAttention = 8;

/** How the businesses of a person are, as it is now. */
export async function readOverview(deps: PageDeps, caller: SessionCaller): Promise<Overview> {
  const { customerList, countCustomers, dailyBookings, follower, calendarApi, now } = deps;
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
  return {
    ...{ counts, attention, calendarAnswers, now: now() },
    days: days.map((day) => ({ day, booked: booked.get(day) ?? 0 })),
    secondsBehind: follower.secondsBehind(),
    isAdmin: mayDo(caller, "administer", false),
  };
}

function toDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
