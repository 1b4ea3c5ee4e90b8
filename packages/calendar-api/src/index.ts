/**
 * The contract of mcp-calendar's management API: zod schemas, by which the server validates and the client is typed, and
 * the client. Rules that both sides need and that use no database are here too: what a valid schedule is, and what is
 * visible of a text. No schema has a provider's token.
 */

export {
  type ActivityPage,
  type ActivityQuery,
  activityPage,
  activityQuery,
} from "./activity.ts";
export { type Agenda, type AgendaQuery, agenda, agendaQuery, type Period } from "./agenda.ts";
export {
  type AgentKeyAudience,
  type AgentKeyOwner,
  type AgentKeysResponse,
  type AgentKeyView,
  agentKeyId,
  agentKeysResponse,
  agentKeyView,
  type CreateAgentKeyRequest,
  createAgentKeyRequest,
  type NewAgentKeyView,
  newAgentKeyView,
} from "./agent-keys.ts";
export {
  type BookingsPage,
  type BookingsQuery,
  type BookingView,
  bookingId,
  bookingsPage,
  bookingsQuery,
  bookingView,
  type RescheduleRequest,
  rescheduleRequest,
} from "./bookings.ts";
export {
  type CalendarApiClient,
  createCalendarApiClient,
  type McpAnswer,
  type McpMessage,
  type TaggedSchedule,
} from "./client.ts";
export { CalendarApiError } from "./client-error.ts";
export {
  type AccountQuery,
  type AuthorizeRequest,
  type AuthorizeResponse,
  accountAnswer,
  accountQuery,
  authorizeRequest,
  authorizeResponse,
  type CalendarStateView,
  type ConnectionSummary,
  type ConnectionView,
  connectionSummary,
  connectionView,
  type DisconnectResponse,
  disconnectResponse,
  summariesRequest,
  summariesResponse,
} from "./connections.ts";
export { customerAddedAtHeader, customerId, customerName } from "./customer.ts";
export { type Alternative, errorResponse } from "./error-response.ts";
export { type EventsPage, type EventsQuery, eventsPage, eventsQuery, type FeedEvent } from "./events.ts";
export {
  type AttendeeErasure,
  type AttendeeExport,
  type AttendeeExportQuery,
  type AttendeeIdentifiers,
  attendeeErasure,
  attendeeExport,
  attendeeExportQuery,
  attendeeIdentifiers,
  type CustomerRemoval,
  customerRemoval,
  type ExportedBooking,
  maxErasedEvents,
  maxPhoneLength,
} from "./personal-data.ts";
export {
  defaultSchedule,
  defaultService,
  maxCalendars,
  type Schedule,
  type ScheduleService,
  schedule,
  scheduleCalendars,
  scheduleHolidays,
} from "./schedule.ts";
export {
  type PreviewRequest,
  previewRequest,
  type SchedulePreview,
  schedulePreview,
} from "./schedule-preview.ts";
export { findScheduleProblems, maxProblems, scheduleBodyLimit } from "./schedule-problems.ts";
export { noQuery, pageLimit } from "./url-values.ts";
export { countCharacters, hasLetterOrDigit, hasVisibleText, toVisibleText } from "./visible-text.ts";
