import { type Html, html } from "@cita/http";
import type { ListedCustomer } from "../../../customers/customer-list.ts";
import type { Language } from "../../language.ts";
import { badge } from "../../parts/notes.ts";
import {
  calendarTones,
  findProblem,
  type Problem,
  stateWords,
  statusTones,
} from "../../parts/state-words.ts";
import { timeAgo } from "../../parts/times.ts";
import { customersWords } from "./words.ts";

export type RowOptions = {
  readonly language: Language;
  readonly now: number;
  /** Whether to offer what mends it. */
  readonly mayMend: boolean;
  /** True: it replaces the row that is on the page. */
  readonly isUpdate?: boolean;
};

/** One customer in the list: its state in a colour and in words, and the one button that mends what is wrong. */
export function customerRow(customer: ListedCustomer, options: RowOptions): Html {
  const { language, now, mayMend, isUpdate } = options;
  const words = customersWords[language];
  const { statuses, calendarStates, wrong, mend } = stateWords[language];
  const { customer_id, customer_name, customer_email, status, calendarState, lastBookedAt } = customer;
  const problem = findProblem(customer);
  // Of a calendar that isn't connected there is nothing to say.
  const isTrouble = status === "connected" && calendarState !== null && calendarState !== "ok";
  const href = `/clientes/${encodeURIComponent(customer_id)}`;
  return html`<tr id="${rowId(customer_id)}"${isUpdate && html` class="changed" hx-swap-oob="true"`}>
<th scope="row"><a href="${href}"><bdi>${customer_name}</bdi></a><br><span class="soft small"><bdi>${customer_id}</bdi><br><bdi>${customer_email}</bdi></span></th>
<td><span class="row">${badge(statusTones[status], statuses[status])}${isTrouble && badge(calendarTones[calendarState], calendarStates[calendarState])}</span></td>
<td data-label="${words.lastBooking}">${lastBookedAt === null ? html`<span class="soft">${words.never}</span>` : timeAgo(lastBookedAt, language, now)}</td>
<td class="small soft">${problem === undefined ? words.nothingWrong : wrong[problem]}</td>
<td class="end">${problem !== undefined && mayMend && html`<a class="button quiet small" href="${href}${placeToMend(problem)}">${mend[problem]}</a>`}</td>
</tr>`;
}

const needsLink: readonly Problem[] = ["pending", "reconnect_required", "disconnected"];

function placeToMend(problem: Problem): string {
  return needsLink.includes(problem) ? "/enlace" : "";
}

/** Ids of customers may have characters that an element's id in a selector can't. */
export function rowId(customerId: string): string {
  return `customer-${Buffer.from(customerId).toString("hex")}`;
}
