import { type Html, html } from "@cita/http";
import { icon } from "../../icons.ts";
import { csrfField } from "../../parts/forms.ts";
import { note } from "../../parts/notes.ts";
import { formatNumber } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { newCustomerWords } from "../new-customer/words.ts";
import type { RowProblem, UnreadableCsv } from "./read-csv.ts";
import { importWords } from "./words.ts";

/** A problem of the whole file. */
export type FileProblem = UnreadableCsv | { readonly problem: "missing" | "notCsv" | "tooLarge" };

/** As many as somebody reads. */
const maxShownProblems = 200;

export function uploadBody(viewer: Viewer, problem?: FileProblem): Html {
  const words = importWords[viewer.language];
  return html`${problem !== undefined && note("bad", explainFile(problem, viewer))}
<form class="card stack" method="post" action="/clientes/importar" enctype="multipart/form-data">
${csrfField(viewer)}
<div class="field"><label for="field-file">${words.file}</label><input id="field-file" name="file" type="file" accept=".csv,text/csv,text/plain" required aria-describedby="field-file-hint"><span class="hint" id="field-file-hint">${words.fileHint}</span></div>
<div class="actions"><button class="button" type="submit">${icon("upload")}${words.read}</button></div>
</form>
<section class="card stack"><h2>${words.example}</h2><pre tabindex="0" aria-label="${words.example}">${words.headers.slice(0, 4).join(",")}
Barbería Luna,luna@example.com,+57 300 123 4567,luna
Consultorio Río,rio@example.com,,rio</pre></section>`;
}

/** Where every row is right: the file goes along in the form, so that nothing is stored meanwhile. */
export function readyBody(viewer: Viewer, { count, csv }: { count: number; csv: string }): Html {
  const words = importWords[viewer.language];
  return html`<form class="card stack" method="post" action="/clientes/importar/enlaces">
${csrfField(viewer)}<textarea name="csv" hidden>
${csv}</textarea>
<h2>${words.readyTitle(formatNumber(count, viewer.language))}</h2>
<p class="soft">${words.readyText}</p>
<div class="actions"><button class="button" type="submit">${words.create}</button></div>
</form>
${uploadBody(viewer)}`;
}

export function wrongBody(viewer: Viewer, wrong: readonly RowProblem[]): Html {
  const { language } = viewer;
  const words = importWords[language];
  const rows = wrong.toSorted((a, b) => a.row - b.row).slice(0, maxShownProblems);
  const rest = wrong.length - rows.length;
  return html`${note("bad", html`<strong>${words.wrongTitle(formatNumber(wrong.length, language))}.</strong> ${words.wrongText}`)}
<section class="card flush"><table><caption class="visually-hidden">${words.wrongTitle(String(wrong.length))}</caption><thead><tr><th scope="col">${words.row}</th><th scope="col">${words.problem}</th></tr></thead><tbody>${rows.map(({ row, problems }) => html`<tr><th scope="row">${row}</th><td>${problems.map((problem) => html`<div>${explain(problem, viewer)}</div>`)}</td></tr>`)}</tbody></table></section>
${rest > 0 && html`<p class="soft">${words.andMore(formatNumber(rest, language))}</p>`}
${uploadBody(viewer)}`;
}

function explainFile(problem: FileProblem, { language }: Pick<Viewer, "language">): string {
  const words = importWords[language];
  return problem.problem === "repeatedColumns"
    ? words.repeatedColumns(problem.names.map(words.quote).join(", "))
    : words.files[problem.problem];
}

function explain(problem: RowProblem["problems"][number], { language }: Pick<Viewer, "language">): string {
  const words = importWords[language];
  if (problem === "repeatedId") return words.repeatedId;
  if (problem === "nameTaken" || problem === "otherEmail") return words.conflicts[problem];
  return newCustomerWords[language].problems[problem];
}
