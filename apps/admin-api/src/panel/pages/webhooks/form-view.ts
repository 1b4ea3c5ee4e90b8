import { type Html, html } from "@cita/http";
import { type EventTypeView, maxWebhookUrlLength } from "@cita/integrations-api";
import { checkBox, textField } from "../../parts/forms.ts";
import { note } from "../../parts/notes.ts";
import type { Viewer } from "../../viewer.ts";
import type { WebhookPlace } from "./places.ts";
import type { FormProblem, WebhookForm } from "./read-form.ts";
import { type Words, webhooksWords } from "./words.ts";

export type FormPage = {
  readonly place: WebhookPlace;
  readonly eventTypes: readonly EventTypeView[];
  readonly form: WebhookForm;
  readonly problem?: FormProblem | undefined;
};

/** The fields of a webhook: where it goes, and what it is told. */
export function webhookFields({ language }: Viewer, page: FormPage): Html {
  const words = webhooksWords[language];
  const { form, problem } = page;
  const isChosen = (value: string) => form.events.includes(value);
  return html`${problem !== undefined && problem !== "url" && note("bad", words.problems[problem])}
${textField({ name: "url", label: words.url, hint: words.urlHint, value: form.url, type: "url", maxLength: maxWebhookUrlLength, isRequired: true, autocomplete: "off", problem: problem === "url" ? words.problems.url : undefined })}
<fieldset class="stack"><legend>${words.events}</legend>${checkBox({ name: "events", value: "*", label: words.all, hint: words.allHint, isChecked: isChosen("*") })}
<div class="grid-2">${groupsOf(page).map(([group, names]) => groupFields(words, page, { group, names, isChosen }))}</div></fieldset>`;
}

type Group = {
  readonly group: string;
  readonly names: readonly EventTypeView[];
  readonly isChosen: (value: string) => boolean;
};

function groupFields(words: Words, { form }: FormPage, { group, names, isChosen }: Group): Html {
  const pattern = `${group}.*`;
  const title = words.groups[group] ?? group;
  const hasPattern = names.length > 1 || form.events.includes(pattern);
  const each = names.map(({ name, description }) =>
    checkBox({
      ...{ name: "events", value: name, isChecked: isChosen(name) },
      ...{ label: words.eventTexts[name] ?? description, hint: name },
    }),
  );
  return html`<fieldset class="stack tight"><legend class="small">${title}</legend>${hasPattern && checkBox({ name: "events", value: pattern, label: words.allOf(title), hint: pattern, isChecked: isChosen(pattern) })}${each}</fieldset>`;
}

/** What can be told of here, by the first word of its name. An integration's webhooks are told of that alone. */
function groupsOf({ place, eventTypes }: FormPage): [string, readonly EventTypeView[]][] {
  const told = eventTypes.filter(
    ({ name, subscribable }) =>
      subscribable && (!("integrationId" in place.subject) || name.startsWith("integration.")),
  );
  const groups = Object.groupBy(told, ({ name }) => name.split(".")[0] ?? name);
  return Object.entries(groups).map(([group, names = []]) => [group, names]);
}
