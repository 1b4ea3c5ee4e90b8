import type { ActivityPage, Schedule } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import type { ActorView } from "../../../activity/actors.ts";
import type { Language } from "../../language.ts";
import { customerPath } from "../../parts/customer-frame.ts";
import { badge, emptyState } from "../../parts/notes.ts";
import { calendarTones, stateWords } from "../../parts/state-words.ts";
import { formatNumber, formatTime, timeAgo } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { labelOf } from "../schedule/conflict-view.ts";
import { scheduleWords } from "../schedule/words.ts";
import { activityWords } from "./words.ts";

type Entry = ActivityPage["activity"][number];

export type ActivityBody = {
  readonly page: ActivityPage;
  readonly path: string;
  readonly isFirst: boolean;
  readonly now: number;
  /** Who has done it, by name. */
  readonly findActor: (actor: string | null) => ActorView;
  /** What customers are called, where the list is of several. */
  readonly names?: ReadonlyMap<string, string>;
};

/** What has happened, newest first. */
export function activityBody({ language }: Viewer, body: ActivityBody): Html {
  const words = activityWords[language];
  const { page, path, isFirst } = body;
  if (page.activity.length === 0)
    return html`<section class="card">${emptyState("activity", words.emptyTitle, words.emptyText)}</section>`;
  return html`<section class="card flush"><ol class="list timeline">${page.activity.map((entry) => item(language, entry, body))}</ol></section>
<nav class="row between">${isFirst ? html`<span></span>` : html`<a class="button quiet" href="${path}">${words.newer}</a>`}${page.next_cursor !== null && html`<a class="button quiet" href="${path}?${new URLSearchParams({ cursor: page.next_cursor }).toString()}">${words.older}</a>`}</nav>`;
}

function item(language: Language, entry: Entry, { now, findActor, names }: ActivityBody): Html {
  const words = activityWords[language];
  const actor = nameActor(findActor(entry.actor), language);
  const parts = [customerLink(entry.customer_id, names), ...details(language, entry), actor];
  const more = parts.filter((part) => part !== undefined);
  return html`<li class="row between"><span><strong>${words.kinds[entry.kind] ?? entry.kind}</strong>${more.length > 0 && html`<br><span class="small soft">${more.map((part, i) => html`${i > 0 && " · "}${part}`)}</span>`}</span>${timeAgo(entry.at, language, now)}</li>`;
}

function customerLink(id: string | null, names: ActivityBody["names"]): Html | undefined {
  if (id === null || names === undefined) return undefined;
  return html`<a href="${customerPath(id)}"><bdi>${names.get(id) ?? id}</bdi></a>`;
}

/** @returns undefined where nobody of the panel or the API has done it. */
export function nameActor(actor: ActorView, language: Language): Html | undefined {
  if (actor === null) return undefined;
  const words = activityWords[language];
  const names = { program: words.program, owner: words.owner, user: actor.name ?? words.somebody };
  const [before = "", after = ""] = words.doneBy("\u0000").split("\u0000");
  return html`${before}<bdi>${names[actor.kind]}</bdi>${after}`;
}

/** What more is known of it, in words. Messages of the service are English, and are told elsewhere in the person's. */
function details(language: Language, { kind, detail }: Entry): (Html | string | undefined)[] {
  const words = activityWords[language];
  const text = (name: string) => (typeof detail[name] === "string" ? detail[name] : undefined);
  const start = text("start");
  const when = start && formatWallTime(start, language);
  const account = text("account_email");
  const state = text("state");
  const name = text("name");
  const by = text("by");
  return [
    when && (kind === "rescheduled" ? words.movedTo(when) : words.at(when)),
    text("service") && html`<bdi>${text("service")}</bdi>`,
    account && html`<bdi>${account}</bdi>`,
    state !== undefined && isState(state)
      ? badge(calendarTones[state], stateWords[language].calendarStates[state])
      : undefined,
    name && html`<bdi>${name}</bdi>`,
    text("changed") && changedMembers(language, text("changed") ?? ""),
    typeof detail.count === "number" ? words.count(formatNumber(detail.count, language)) : undefined,
    by && (words.by[by] ?? by),
  ];
}

/** @param names members of the schedule, which a newer version may have more of. */
function changedMembers(language: Language, names: string): string {
  return names
    .split(", ")
    .map((name) => labelOf(name as keyof Schedule, scheduleWords[language]))
    .join(", ");
}

function isState(state: string): state is keyof typeof calendarTones {
  return Object.hasOwn(calendarTones, state);
}

/** @param at with the business's own offset, whose wall time is shown. */
function formatWallTime(at: string, language: Language): string {
  return formatTime(`${at.slice(0, 19)}Z`, language, "UTC");
}
