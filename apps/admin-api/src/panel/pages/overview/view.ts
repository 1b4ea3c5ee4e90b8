import { type Html, html } from "@cita/http";
import type { CustomerCounts } from "../../../customers/customer-counts.ts";
import type { ListedCustomer } from "../../../customers/customer-list.ts";
import { icon } from "../../icons.ts";
import { barChart } from "../../parts/bar-chart.ts";
import { badge, emptyState, note } from "../../parts/notes.ts";
import { calendarTones, findProblem, stateWords, statusTones } from "../../parts/state-words.ts";
import { formatNumber, formatWeekday, timeAgo } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { overviewWords } from "./words.ts";

export type Overview = {
  readonly counts: CustomerCounts;
  readonly attention: readonly ListedCustomer[];
  /** The last days, oldest first, as `2027-01-18`. */
  readonly days: readonly { readonly day: string; readonly booked: number }[];
  readonly calendarAnswers: boolean;
  /** How old what is shown of the states may be; null: not known since the start. */
  readonly secondsBehind: number | null;
  readonly isAdmin: boolean;
  readonly now: number;
};

/** The overview changes while somebody looks. What has the focus stays: the new parts are merged into the old ones. */
export function overviewBody(viewer: Viewer, overview: Overview): Html {
  return html`<div class="sections" id="overview" hx-sse:connect="/panel/live/resumen" hx-sse:close="ended" hx-swap="innerMorph">${overviewParts(viewer, overview)}</div>`;
}

export function overviewParts(viewer: Viewer, overview: Overview): Html {
  const words = overviewWords[viewer.language];
  if (overview.counts.total === 0)
    return html`<section class="card">${nothingYet(viewer, overview)}</section>${healthCard(viewer, overview)}`;
  return html`${!overview.calendarAnswers && note("bad", html`<strong>${words.calendarService}: ${words.silent}.</strong> ${words.silentHint}`)}
<section class="stack" aria-labelledby="states"><h2 class="visually-hidden" id="states">${words.states}</h2><div class="tiles">${stateTiles(viewer, overview.counts)}</div></section>
<div class="grid-2">${attentionCard(viewer, overview)}<div class="stack">${bookingsCard(viewer, overview)}${healthCard(viewer, overview)}</div></div>`;
}

function nothingYet({ language }: Viewer, { isAdmin }: Overview): Html {
  const words = overviewWords[language];
  if (!isAdmin) return emptyState("customers", words.emptyTitle, words.emptyForMember);
  const add = html`<a class="button" href="/clientes/nuevo">${icon("add")}${words.emptyButton}</a>`;
  return emptyState("calendar", words.emptyTitle, words.emptyText, add);
}

function stateTiles({ language }: Viewer, { byStatus }: CustomerCounts): Html[] {
  const { statuses } = stateWords[language];
  const order = ["connected", "pending", "reconnect_required", "disconnected"] as const;
  return order.map(
    (status) =>
      html`<a class="card tile" href="/clientes?status=${status}"><span class="number">${formatNumber(byStatus[status], language)}</span><span>${badge(byStatus[status] === 0 ? "calm" : statusTones[status], statuses[status])}</span></a>`,
  );
}

function attentionCard({ language }: Viewer, { attention, now, calendarAnswers }: Overview): Html {
  const words = overviewWords[language];
  const texts = stateWords[language];
  const items = attention.map((customer) => {
    const { customer_id, customer_name, status, statusSince, calendarState, calendarStateSince } = customer;
    const problem = findProblem(customer);
    const isLost = status !== "connected" || calendarState === null;
    const since = isLost ? statusSince : calendarStateSince;
    const state = isLost
      ? badge(statusTones[status], texts.statuses[status])
      : badge(calendarTones[calendarState], texts.calendarStates[calendarState]);
    return html`<li class="row between"><span><a href="/clientes/${encodeURIComponent(customer_id)}"><strong><bdi>${customer_name}</bdi></strong></a><br><span class="small soft">${problem !== undefined && texts.wrong[problem]}${since !== null && html` (${timeAgo(since, language, now)})`}</span></span>${state}</li>`;
  });
  return html`<section class="card flush"><div class="card-head"><h2>${words.needs}</h2></div>${
    items.length === 0
      ? html`<div class="card-part">${calendarAnswers ? note("good", words.nothingNeeded) : note("wait", words.notKnown)}</div>`
      : html`<ul class="list">${items}</ul>`
  }</section>`;
}

function bookingsCard({ language, timeZone }: Viewer, { days }: Overview): Html {
  const words = overviewWords[language];
  const total = days.reduce((sum, { booked }) => sum + booked, 0);
  const bars = days.map(({ day, booked }) => ({
    ...{ label: formatWeekday(day, language), value: booked, text: formatNumber(booked, language) },
  }));
  const chart = html`${barChart(words.bookings, bars)}${timeZone !== "UTC" && html`<p class="small soft">${words.utcDays}</p>`}`;
  return html`<section class="card stack"><div class="row between"><h2>${words.bookings}</h2><span class="soft">${words.bookingsTotal(formatNumber(total, language))}</span></div>
${total === 0 ? html`<p class="soft">${words.noBookings}</p>` : chart}</section>`;
}

function healthCard({ language }: Viewer, { calendarAnswers, secondsBehind }: Overview): Html {
  const words = overviewWords[language];
  const state = (works: boolean) => badge(works ? "good" : "bad", works ? words.works : words.silent);
  const isBehind = secondsBehind !== null && secondsBehind > 60;
  const age = isBehind ? words.behind(formatNumber(Math.round(secondsBehind), language)) : words.upToDate;
  return html`<section class="card stack"><h2>${words.health}</h2>
<div class="row between"><span>${words.panelService}</span>${state(true)}</div>
<div class="row between"><span>${words.calendarService}</span>${state(calendarAnswers)}</div>
<p class="small soft">${age}</p></section>`;
}
