import type { Schedule } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import { formatWeekday, type OpeningWindow, weekdays } from "@cita/scheduling";
import type { Language } from "../../language.ts";
import { note } from "../../parts/notes.ts";
import type { Comparison, Member } from "./compare.ts";
import { numberNames, switchNames } from "./form.ts";
import { type ScheduleWords, scheduleWords } from "./words.ts";

export type Conflict = Comparison & { readonly theirs: Schedule };

/** Tells the second of two who edit one schedule what the first has saved. */
export function conflictNote(language: Language, path: string, conflict: Conflict): Html {
  const all = scheduleWords[language];
  const words = all.conflict;
  const { merged, theirs, takenIn, different } = conflict;
  const say = (schedule: Schedule, member: Member) => describeMember(schedule, member, language);
  const rows = different.map(
    (member) =>
      html`<tr><th scope="row">${labelOf(member, all)}</th><td data-label="${words.theirs}"><bdi>${say(theirs, member)}</bdi></td><td data-label="${words.yours}"><bdi>${say(merged, member)}</bdi></td></tr>`,
  );
  const taken = takenIn.map(
    (member) => html`<li>${labelOf(member, all)}: <bdi>${say(theirs, member)}</bdi></li>`,
  );
  return html`${note("wait", html`<strong>${words.title}.</strong> ${words.text}`)}
<section class="card stack" aria-label="${words.title}">
${rows.length === 0 ? html`<p>${words.same}</p>` : html`<table class="as-cards"><thead><tr><th scope="col">${words.what}</th><th scope="col">${words.theirs}</th><th scope="col">${words.yours}</th></tr></thead><tbody>${rows}</tbody></table>`}
${taken.length > 0 && html`<div class="stack tight"><p>${words.takenIn}</p><ul class="bullets">${taken}</ul></div>`}
<p><a href="${path}">${words.discard}</a></p></section>`;
}

/** What a member of the schedule is called in the editor. */
export function labelOf(member: Member, words: ScheduleWords): string {
  const number = numberNames.find((name) => name === member);
  if (number !== undefined) return words.numbers[number].label;
  const isSwitch = switchNames.find((name) => name === member);
  if (isSwitch !== undefined) return words.switches[isSwitch].label;
  const others: Partial<Record<Member, string>> = {
    weekly_hours: words.sections.hours.label,
    date_overrides: words.sections.dates.label,
    services: words.sections.services.label,
    holidays: words.country.label,
    time_zone: words.timeZone.label,
    language: words.language.label,
    busy_calendars: words.busyCalendars.label,
    paused_until: words.pausedUntil.label,
  };
  return others[member] ?? member;
}

function describeMember(schedule: Schedule, member: Member, language: Language): string {
  const words = scheduleWords[language];
  switch (member) {
    case "weekly_hours":
      return weekdays
        .map((day) => `${formatWeekday(day, language)} ${hours(schedule.weekly_hours[day], words)}`)
        .join(" · ");
    case "date_overrides":
      return (
        schedule.date_overrides.map(({ date, windows }) => `${date} ${hours(windows, words)}`).join(" · ") ||
        "—"
      );
    case "services":
      return schedule.services
        .map(({ name, duration_minutes, price_text }) =>
          [words.preview.offered(name, `${duration_minutes}`), price_text].filter(Boolean).join(", "),
        )
        .join(" · ");
    case "holidays":
      return (
        [schedule.holidays.country, schedule.holidays.region].filter(Boolean).join("-") || words.noCountry
      );
    case "busy_calendars":
      return schedule.busy_calendars.join(" · ");
    default: {
      const value = schedule[member];
      return typeof value === "boolean" ? (value ? "✓" : "✕") : `${value ?? "—"}`;
    }
  }
}

function hours(windows: readonly OpeningWindow[], { closed }: ScheduleWords): string {
  return windows.length === 0
    ? closed.toLowerCase()
    : windows.map(({ start, end }) => `${start}–${end}`).join(", ");
}
