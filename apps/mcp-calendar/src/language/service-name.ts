import { defaultService, type ScheduleService } from "@cita/calendar-api";
import type { Words } from "./words.ts";

/** A service's name as the business wrote it; that of the default service in the business's language. */
export function serviceName({ id, name }: Pick<ScheduleService, "id" | "name">, words: Words): string {
  return id === defaultService.id && name === defaultService.name ? words.defaultService : name;
}
