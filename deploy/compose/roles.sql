-- Run once by the image, in the new database. Each service makes a schema of its own, which no other can read.
\getenv mcp_calendar_password MCP_CALENDAR_DATABASE_PASSWORD
\getenv admin_api_password ADMIN_API_DATABASE_PASSWORD
\getenv integrations_password INTEGRATIONS_DATABASE_PASSWORD
create role mcp_calendar login password :'mcp_calendar_password';
create role admin_api login password :'admin_api_password';
create role integrations login password :'integrations_password';
grant create on database cita to mcp_calendar, admin_api, integrations;
