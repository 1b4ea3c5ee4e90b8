export {
  type ActivityKind,
  type ActivityPage,
  type ActivityQuery,
  type ActivityView,
  activityKinds,
  activityPage,
  activityQuery,
} from "./activity.ts";
export {
  type AgentKeyAudience,
  type AgentKeyOwner,
  type AgentKeysResponse,
  type AgentKeyView,
  agentKeyAudiences,
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
  CalendarApiError,
  createCalendarApiClient,
} from "./client.ts";
export {
  type Alternative,
  type AuthorizeRequest,
  type AuthorizeResponse,
  authorizeRequest,
  authorizeResponse,
  type CalendarStateView,
  type ConnectionSummary,
  type ConnectionView,
  calendarStateView,
  connectionOutcomes,
  connectionStatuses,
  connectionSummary,
  connectionView,
  customerId,
  customerName,
  type DisconnectResponse,
  disconnectResponse,
  errorResponse,
  summariesRequest,
  summariesResponse,
} from "./contract.ts";
export {
  defaultSchedule,
  defaultService,
  mostCalendars,
  type Schedule,
  type ScheduleService,
  schedule,
  scheduleCalendars,
  scheduleHolidays,
} from "./schedule.ts";
export { findScheduleProblems, mostProblems, scheduleBodyLimit } from "./schedule-problems.ts";
export { countCharacters, hasLetterOrDigit, hasVisibleText, toVisibleText } from "./visible-text.ts";
