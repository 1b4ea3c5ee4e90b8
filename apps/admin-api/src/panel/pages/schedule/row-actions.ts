import { type OpeningWindow, type Weekday, weekdays } from "@cita/scheduling";
import type { DateForm, ScheduleForm, ServiceForm } from "./form.ts";

/** Where a page that is loaded anew continues: the field that was added, or its list. */
export type ChangedRows = { readonly form: ScheduleForm; readonly focus: string };

const morning: OpeningWindow = { start: "09:00", end: "13:00" };
const newService: ServiceForm = {
  ...{ id: "", name: "", price_text: "", duration_minutes: "30" },
  ...{ buffer_before_minutes: "0", buffer_after_minutes: "0", capacity: "1" },
};

/**
 * Adds, removes or moves a row of the form: `add:services`, `remove:weekly_hours.monday.0`, `up:services.1`,
 * `copy:monday` (its hours to the other days from Monday to Friday).
 * @returns undefined for an action that isn't about rows.
 */
export function changeRows(form: ScheduleForm, action: string): ChangedRows | undefined {
  const [verb = "", path = ""] = action.split(":");
  const [list = "", first = "", second = "", third = ""] = path.split(".");
  if (verb === "copy" && isWeekday(path)) return copyDay(form, path);
  if (list === "weekly_hours" && isWeekday(first)) {
    const windows = changeList(form.weekly_hours[first], verb, second, nextWindow);
    return change(form, { weekly_hours: { ...form.weekly_hours, [first]: windows } }, verb, path, "start");
  }
  if (list === "services") {
    const services = changeList(form.services, verb, first, () => newService);
    return change(form, { services }, verb, path, "name");
  }
  if (list !== "date_overrides") return undefined;
  if (second === "windows") {
    const date_overrides = form.date_overrides.map((date, i) =>
      i === Number(first) ? { ...date, windows: changeList(date.windows, verb, third, nextWindow) } : date,
    );
    return change(form, { date_overrides }, verb, path, "start");
  }
  const newDate = (): DateForm => ({ date: "", windows: [] });
  const date_overrides = changeList(form.date_overrides, verb, first, newDate);
  return change(form, { date_overrides }, verb, path, "date");
}

function isWeekday(text: string): text is Weekday {
  return weekdays.some((day) => day === text);
}

function copyDay(form: ScheduleForm, day: Weekday): ChangedRows {
  const hours = form.weekly_hours[day];
  const [monday, tuesday, wednesday, thursday, friday] = [hours, hours, hours, hours, hours];
  const weekly_hours = { ...form.weekly_hours, monday, tuesday, wednesday, thursday, friday };
  return { form: { ...form, weekly_hours }, focus: `weekly_hours.${day}` };
}

function changeList<Row>(
  rows: readonly Row[],
  verb: string,
  at: string,
  make: (last: Row | undefined) => Row,
): readonly Row[] {
  if (verb === "add") return [...rows, make(rows.at(-1))];
  const index = Number(at);
  if (verb === "remove") return rows.filter((_, i) => i !== index);
  const [row, before] = [rows[index], rows[index - 1]];
  if (verb !== "up" || row === undefined || before === undefined) return rows;
  return rows.with(index - 1, row).with(index, before);
}

/** After a break, as long as the window before leaves room. */
function nextWindow(last: OpeningWindow | undefined): OpeningWindow {
  if (last === undefined) return morning;
  return last.end > "00:00" && last.end < "18:00" && last.end > last.start
    ? { start: addHour(last.end), end: "19:00" }
    : { start: "", end: "" };
}

function addHour(time: string): string {
  return `${String(Number(time.slice(0, 2)) + 1).padStart(2, "0")}${time.slice(2)}`;
}

function change(
  form: ScheduleForm,
  changed: Partial<ScheduleForm>,
  verb: string,
  path: string,
  field: string,
): ChangedRows {
  const after = { ...form, ...changed };
  const focus =
    verb === "add" ? `${path}.${countRows(after, path) - 1}.${field}` : path.replace(/\.\d+$/, "");
  return { form: after, focus };
}

function countRows(form: ScheduleForm, path: string): number {
  const [list = "", first = "", second = ""] = path.split(".");
  if (list === "services") return form.services.length;
  if (list === "weekly_hours" && isWeekday(first)) return form.weekly_hours[first].length;
  return second === "windows"
    ? (form.date_overrides[Number(first)]?.windows.length ?? 0)
    : form.date_overrides.length;
}
