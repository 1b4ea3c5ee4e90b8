import { generateFernetKey } from "@cita/token-store";
import { type GoogleServer, googleVariables } from "./local-google.ts";

/** A complete configuration of both services, as the doctor finds it in the environment. */
export function createDoctorVariables(google: GoogleServer, ports: { mcp: number; admin: number }) {
  return {
    ADMIN_API_KEY: "IfoIzEf8GPAY32TzPkKAvfnrlAHVChtK",
    CALENDAR_SERVICE_KEY: "hTWlCZGyOgL-AmxzNwVekDI36RGUIWnM",
    TOKEN_ENCRYPTION_KEY: generateFernetKey(),
    MCP_PORT: `${ports.mcp}`,
    ADMIN_PORT: `${ports.admin}`,
    CALENDAR_URL: `http://localhost:${ports.mcp}`,
    ...googleVariables(google),
  };
}
