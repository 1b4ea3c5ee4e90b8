import { CalendarApiError, type Schedule, schedule as scheduleSchema } from "@cita/calendar-api";
import type { Language } from "../../language.ts";
import type { PageDeps } from "../../panel.ts";
import { mayBeDone } from "../../parts/calendar-trouble.ts";
import { isUnavailable } from "../errors/error-page.ts";
import { compare, fingerprintOf } from "./compare.ts";
import { type ScheduleForm, toForm } from "./form.ts";
import type { Preview } from "./preview-view.ts";
import { readProblems } from "./problems.ts";
import { toBody } from "./read-form.ts";
import type { SchedulePage, Version } from "./view.ts";

export type Api = ReturnType<PageDeps["calendarApi"]["forRequest"]>;

/** What somebody is editing. */
export type Edited = {
  readonly customerId: string;
  readonly form: ScheduleForm;
  readonly version: Version;
  readonly language: Language;
};

type Opened = Pick<SchedulePage, "form" | "version">;

/** The form of the schedule as it is saved. @throws CalendarApiError */
export async function openSchedule(api: Api, customerId: string): Promise<Opened> {
  const { schedule, eTag } = await api.taggedSchedule(customerId);
  const { time_zone: own, paused_until } = schedule;
  const timeZone = paused_until === null ? "" : (own ?? (await findZone(api, customerId)));
  return { form: toForm(schedule, timeZone || "UTC"), version: versionOf(schedule, eTag, timeZone) };
}

/** What the page shows next: of what is saved nothing, and else what is typed with what stands against it. */
export type SaveResult =
  | { readonly isSaved: true }
  | {
      readonly isSaved: false;
      readonly statusCode: number;
      readonly page: Omit<SchedulePage, "path" | "isTyped">;
    };

/** Saves what was typed, unless something in it is wrong or another has saved meanwhile. */
export async function saveSchedule(api: Api, edited: Edited): Promise<SaveResult> {
  const { customerId, form, version, language } = edited;
  const timeZone = await zoneOfForm(api, edited);
  const body = toBody(form, timeZone || "UTC");
  const refused = (statusCode: number, more: Partial<SchedulePage>): SaveResult => ({
    ...{ isSaved: false, statusCode },
    page: { form, version: { ...version, timeZone }, ...more },
  });
  try {
    await api.replaceSchedule(customerId, body, version.eTag || undefined);
    return { isSaved: true };
  } catch (error) {
    if (isUnavailable(error))
      return refused(503, { notice: mayBeDone(error) ? "mayBeSaved" : "unavailable" });
    if (!(error instanceof CalendarApiError)) throw error;
    if (error.code === "invalid_schedule")
      return refused(422, { problems: readProblems(error.problems ?? [], language) });
    if (error.code !== "schedule_changed") throw error;
    const changed = await api.taggedSchedule(customerId).catch(nullIfUnavailable);
    if (changed === null) return refused(503, { notice: "unavailable" });
    const { schedule: theirs, eTag } = changed;
    const comparison = compare(scheduleSchema.parse(body), theirs, version.fingerprint);
    return refused(409, {
      form: toForm(comparison.merged, timeZone || "UTC"),
      version: versionOf(theirs, eTag, timeZone),
      conflict: { ...comparison, theirs },
    });
  }
}

function nullIfUnavailable(error: unknown): null {
  if (!isUnavailable(error)) throw error;
  return null;
}

const previewDays = 7;

/** What an agent would offer with what is typed. @param service the id of one; of another the first is shown. */
export async function readPreview(api: Api, edited: Edited, service: string): Promise<Preview> {
  const { customerId, form, language } = edited;
  const timeZone = await zoneOfForm(api, edited);
  const isThere = service !== "" && form.services.some(({ id }) => id.trim() === service);
  try {
    const preview = await api.previewSchedule(customerId, {
      ...{ schedule: toBody(form, timeZone || "UTC"), days: previewDays },
      ...(isThere && { service }),
    });
    return { kind: "shown", preview };
  } catch (error) {
    if (isUnavailable(error)) return { kind: "unavailable" };
    if (!(error instanceof CalendarApiError) || error.code !== "invalid_schedule") throw error;
    return { kind: "problems", problems: readProblems(error.problems ?? [], language) };
  }
}

function versionOf(schedule: Schedule, eTag: string, timeZone: string): Version {
  return { eTag, fingerprint: fingerprintOf(schedule), timeZone };
}

/** The calendar's own zone, in which a pause is written: only for that it is asked. "": not known. */
async function zoneOfForm(api: Api, { customerId, form, version }: Edited): Promise<string> {
  if (form.time_zone.trim() !== "") return form.time_zone.trim();
  return version.timeZone === "" && form.paused_until.trim() !== ""
    ? findZone(api, customerId)
    : version.timeZone;
}

async function findZone(api: Api, customerId: string): Promise<string> {
  return api.previewSchedule(customerId, { schedule: {}, days: 1 }).then(
    (preview) => preview.time_zone,
    () => "",
  );
}
