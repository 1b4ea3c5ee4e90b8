import { type Html, html } from "@cita/http";
import { type Action, mayDo } from "../../access/caller.ts";
import type { ListedCustomer } from "../../customers/customer-list.ts";
import type { Page } from "../layout.ts";
import type { Viewer } from "../viewer.ts";
import { customerFrameWords } from "./customer-frame-words.ts";
import { badge, note, type Tone } from "./notes.ts";
import { calendarTones, findProblem, type Problem, stateWords, statusTones } from "./state-words.ts";

export type CustomerTab =
  | "facts"
  | "schedule"
  | "bookings"
  | "week"
  | "agents"
  | "integrations"
  | "try"
  | "activity";

export type TabPage = {
  readonly tab: CustomerTab;
  readonly body: Html;
  /** Has the week's calendar. */
  readonly hasCalendar?: boolean;
};

/** A tab of a customer's page: its name, its state, what is wrong and what mends it, and the tabs. */
export function customerPage(
  viewer: Viewer,
  customer: ListedCustomer,
  { tab, body, ...page }: TabPage,
): Page {
  const { statuses, calendarStates } = stateWords[viewer.language];
  const { status, calendarState } = customer;
  return {
    ...page,
    title: customer.customer_name,
    subtitle: html`<span class="row">${badge(statusTones[status], statuses[status])}${calendarState !== null && badge(calendarTones[calendarState], calendarStates[calendarState])}<span class="small"><bdi>${customer.customer_id}</bdi> · <bdi>${customer.customer_email}</bdi></span></span>`,
    section: "customers",
    body: html`${tabs(viewer, customer.customer_id, tab)}${whatIsWrong(viewer, customer, tab)}${body}`,
  };
}

export function customerPath(customerId: string): string {
  return `/clientes/${encodeURIComponent(customerId)}`;
}

const allTabs: Readonly<Record<CustomerTab, { readonly path: string; readonly action: Action }>> = {
  facts: { path: "", action: "read_customer" },
  schedule: { path: "/horario", action: "read_customer" },
  bookings: { path: "/citas", action: "read_customer" },
  week: { path: "/semana", action: "read_customer" },
  agents: { path: "/agentes", action: "manage_keys" },
  integrations: { path: "/conexiones", action: "read_customer" },
  try: { path: "/probar", action: "change_customer" },
  activity: { path: "/actividad", action: "read_customer" },
};

function tabs({ caller, language, hasIntegrations }: Viewer, customerId: string, current: CustomerTab): Html {
  const words = customerFrameWords[language];
  const allowed = (Object.keys(allTabs) as CustomerTab[]).filter(
    (tab) => mayDo(caller, allTabs[tab].action, true) && (tab !== "integrations" || hasIntegrations),
  );
  return html`<nav aria-label="${words.tabsLabel}"><ul class="tabs">${allowed.map(
    (tab) =>
      html`<li><a href="${customerPath(customerId)}${allTabs[tab].path}"${tab === current && html` aria-current="page"`}>${words.tabs[tab]}</a></li>`,
  )}</ul></nav>`;
}

/** The sentence and the one button. A provider that doesn't answer is mended by nobody here. */
function whatIsWrong({ caller, language }: Viewer, customer: ListedCustomer, tab: CustomerTab) {
  const problem = findProblem(customer);
  if (problem === undefined) return html``;
  const { wrong, mend } = stateWords[language];
  const path = customerPath(customer.customer_id);
  const { connectAgain, chooseCalendars } = customerFrameWords[language];
  const places: Readonly<Record<Problem, readonly [href: string, text: string] | undefined>> = {
    pending: [`${path}/enlace`, mend.pending],
    reconnect_required: [`${path}/enlace`, mend.reconnect_required],
    disconnected: [`${path}/enlace`, mend.disconnected],
    unreadable: tab === "facts" ? [`${path}/enlace`, connectAgain] : [path, mend.unreadable],
    refused: tab === "facts" ? [`${path}/enlace`, connectAgain] : [path, mend.refused],
    not_found: [`${path}/horario#field-busy_calendars`, chooseCalendars],
    unreachable: undefined,
  };
  const place = mayDo(caller, "change_customer", true) ? places[problem] : undefined;
  const button = place !== undefined && html`<a class="button small" href="${place[0]}">${place[1]}</a>`;
  return note(toneOf(problem), html`<div class="row between"><span>${wrong[problem]}</span>${button}</div>`);
}

function toneOf(problem: Problem): Tone {
  if (problem === "disconnected" || problem === "pending") return "wait";
  return problem === "unreachable" ? "wait" : "bad";
}
