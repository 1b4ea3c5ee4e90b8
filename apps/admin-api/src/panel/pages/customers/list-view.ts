import { type Html, html } from "@cita/http";
import type { ListedCustomer } from "../../../customers/customer-list.ts";
import { icon } from "../../icons.ts";
import { selectField, textField } from "../../parts/forms.ts";
import { emptyState } from "../../parts/notes.ts";
import { stateWords } from "../../parts/state-words.ts";
import type { Viewer } from "../../viewer.ts";
import { customerRow, type RowOptions } from "./customer-row.ts";
import { customersWords } from "./words.ts";

export type ListFilter = {
  readonly q: string;
  readonly status: string;
  readonly calendar_state: string;
  readonly cursor: string;
};

export type CustomerList = {
  readonly filter: ListFilter;
  readonly customers: readonly ListedCustomer[];
  readonly nextCursor: string | null;
  readonly isAdmin: boolean;
  /** Of the events that the customers' states are made of. */
  readonly lastEventId: number;
  readonly row: RowOptions;
};

/** The filters, and the list that they narrow. */
export function customerListBody(viewer: Viewer, list: CustomerList): Html {
  return html`${filterForm(viewer, list.filter)}
<div id="customers">${customerTable(viewer, list)}</div>`;
}

/** What is replaced while somebody types. */
export function customerTable(viewer: Viewer, list: CustomerList): Html {
  const words = customersWords[viewer.language];
  const { customers, nextCursor, filter } = list;
  if (customers.length === 0) return html`<section class="card">${nothingFound(viewer, list)}</section>`;
  const ids = customers.map(({ customer_id }) => customer_id);
  const liveUrl = `/panel/live/clientes?${new URLSearchParams([...ids.map((id) => ["id", id]), ["after", `${list.lastEventId}`]])}`;
  const headings = [words.business, words.status, words.lastBooking, words.wrong];
  return html`<section class="card flush" hx-sse:connect="${liveUrl}" hx-sse:close="ended" hx-swap="none">
<table class="as-cards"><caption class="visually-hidden">${words.tableLabel}</caption>
<thead><tr>${headings.map((text) => html`<th scope="col">${text}</th>`)}<th scope="col"><span class="visually-hidden">${words.action}</span></th></tr></thead>
<tbody>${customers.map((customer) => customerRow(customer, list.row))}</tbody></table>
</section>
${pages(viewer, filter, nextCursor)}`;
}

function filterForm({ language }: Viewer, filter: ListFilter): Html {
  const words = customersWords[language];
  const { statuses, calendarStates } = stateWords[language];
  const options = (texts: Readonly<Record<string, string>>) => [
    { value: "", text: words.any },
    ...Object.entries(texts).map(([value, text]) => ({ value, text })),
  ];
  const isNarrowed = filter.q !== "" || filter.status !== "" || filter.calendar_state !== "";
  return html`<form class="toolbar" method="get" action="/clientes" role="search" hx-get="/clientes" hx-target="#customers" hx-select="#customers" hx-swap="outerHTML" hx-trigger="input changed delay:250ms, change, submit" hx-push-url="true" hx-sync="this:replace">
<div class="field wide">${textField({ name: "q", type: "search", label: words.search, placeholder: words.searchHint, value: filter.q, maxLength: 100 })}</div>
${selectField({ name: "status", label: words.status, value: filter.status, options: options(statuses) })}
${selectField({ name: "calendar_state", label: words.calendar, value: filter.calendar_state, options: options(calendarStates) })}
<div class="actions"><button class="button quiet" type="submit">${icon("search")}${words.filter}</button>${isNarrowed && html`<a href="/clientes">${words.clear}</a>`}</div>
</form>`;
}

function nothingFound({ language }: Viewer, { filter, isAdmin }: CustomerList): Html {
  const words = customersWords[language];
  const isNarrowed = Object.values(filter).some((value) => value !== "");
  if (isNarrowed)
    return emptyState(
      "search",
      words.notFoundTitle,
      words.notFoundText,
      html`<a href="/clientes">${words.clear}</a>`,
    );
  if (!isAdmin) return emptyState("customers", words.noneTitle, words.noneForMember);
  const add = html`<a class="button" href="/clientes/nuevo">${icon("add")}${words.add}</a>`;
  return emptyState("customers", words.noneTitle, words.noneText, add);
}

function pages({ language }: Viewer, { cursor, ...filter }: ListFilter, nextCursor: string | null): Html {
  const words = customersWords[language];
  const link = (text: string, more: Record<string, string>) => {
    const given = Object.entries({ ...filter, ...more }).filter(([, value]) => value !== "");
    return html`<a class="button quiet" href="/clientes?${new URLSearchParams(given).toString()}">${text}</a>`;
  };
  return html`<nav class="row between">${cursor === "" ? html`<span></span>` : link(words.first, {})}${nextCursor !== null && link(words.next, { cursor: nextCursor })}</nav>`;
}
