import { type Html, html } from "@cita/http";
import { fieldId, textField } from "../../parts/forms.ts";
import { badge } from "../../parts/notes.ts";
import { describeField, type EditorParts, listProblem, rowButton, sectionHead } from "./fields.ts";
import type { ScheduleForm, ServiceForm } from "./form.ts";

/** What can be booked. What most leave as it is stands behind a fold, which is open where something in it is wrong. */
export function services(parts: EditorParts, { services: list }: ScheduleForm): Html {
  const { words } = parts;
  return html`<section class="card stack" aria-labelledby="services">${sectionHead("services", words.sections.services)}
<div class="stack" id="${fieldId("services")}">${list.map((service, i) => serviceRow(parts, service, i))}</div>
${listProblem(parts, "services")}
<div>${rowButton(parts, { action: "add:services", text: words.addService, at: `services.${list.length}.name` })}</div></section>`;
}

const folded = ["buffer_before_minutes", "buffer_after_minutes", "capacity", "id"] as const;

function serviceRow(parts: EditorParts, service: ServiceForm, i: number): Html {
  const { words, problems, focus } = parts;
  const name = `services.${i}`;
  const field = (member: keyof ServiceForm) => ({
    ...describeField(parts, `${name}.${member}`, words.service[member]),
    ...{ value: service[member], autocomplete: "off", hasFocus: focus === `${name}.${member}` },
  });
  const isNew = service.id === "";
  const isOpen = isNew || folded.some((member) => problems.byField.has(`${name}.${member}`));
  return html`<fieldset class="service stack" id="${fieldId(name)}"><legend class="visually-hidden">${words.serviceNumber(i + 1)}</legend>
<div class="row between"><span class="row"><strong>${words.serviceNumber(i + 1)}</strong>${i === 0 && badge("calm", words.byDefault)}</span><span class="row">${i > 0 && rowButton(parts, { action: `up:${name}`, text: words.moveUp, label: `${words.moveUp}: ${words.serviceNumber(i + 1)}`, look: "bare", at: "services" })}${rowButton(parts, { action: `remove:${name}`, text: words.removeService, label: `${words.removeService}: ${words.serviceNumber(i + 1)}`, look: "bare", at: "services" })}</span></div>
<div class="grid-3">${textField({ ...field("name"), maxLength: 200 })}${textField({ ...field("duration_minutes"), inputmode: "numeric" })}${textField({ ...field("price_text"), maxLength: 100 })}</div>
<details${isOpen && html` open`}><summary>${words.moreOfService}</summary><div class="grid-3">${folded.map((member) => textField({ ...field(member), ...(member === "id" ? { ...(isNew && { slugOf: `${name}.name` }), maxLength: 64 } : { inputmode: "numeric" as const }) }))}</div></details></fieldset>`;
}
