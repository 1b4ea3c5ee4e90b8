import type { StoredEvent } from "@cita/events";
import { type Html, html } from "@cita/http";
import { type ActorView, userIn } from "../../../activity/actors.ts";
import type { Language } from "../../language.ts";
import { emptyState } from "../../parts/notes.ts";
import { timeAgo } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { nameActor } from "./view.ts";
import { activityWords } from "./words.ts";

const paths = { businesses: "/actividad", persons: "/actividad/personas" } as const;
export type ActivityTab = keyof typeof paths;

export function activityTabs(language: Language, current: ActivityTab): Html {
  const words = activityWords[language];
  const tabs = Object.entries(paths) as [ActivityTab, string][];
  return html`<nav aria-label="${words.title}"><ul class="tabs">${tabs.map(([tab, href]) => html`<li><a href="${href}"${tab === current && html` aria-current="page"`}>${words[tab]}</a></li>`)}</ul></nav>`;
}

export type PeopleActivity = {
  readonly entries: readonly StoredEvent[];
  readonly findActor: (actor: string | null) => ActorView;
  readonly next: number | null;
  readonly isFirst: boolean;
  readonly now: number;
};

/** Who has joined, signed in, and changed what others may do. */
export function peopleActivityBody({ language }: Viewer, activity: PeopleActivity): Html {
  const words = activityWords[language];
  const { entries, next, isFirst } = activity;
  if (entries.length === 0)
    return html`<section class="card">${emptyState("people", words.emptyTitle, words.emptyText)}</section>`;
  return html`<section class="card flush"><ol class="list timeline">${entries.map((entry) => item(language, entry, activity))}</ol></section>
<nav class="row between">${isFirst ? html`<span></span>` : html`<a class="button quiet" href="${paths.persons}">${words.newer}</a>`}${next !== null && html`<a class="button quiet" href="${paths.persons}?before=${next}">${words.older}</a>`}</nav>`;
}

function item(language: Language, entry: StoredEvent, { findActor, now }: PeopleActivity): Html {
  const words = activityWords[language];
  const user = findActor(userIn(entry.data));
  const isBySelf = entry.actor === userIn(entry.data);
  const actor = isBySelf ? undefined : nameActor(findActor(entry.actor), language);
  return html`<li class="row between"><span><strong>${words.people[entry.kind] ?? entry.kind}</strong><br><span class="small soft">${user !== null && html`<bdi>${user.name ?? words.somebody}</bdi>`}${user !== null && actor !== undefined && " · "}${actor}</span></span>${timeAgo(entry.at, language, now)}</li>`;
}
