/** The server behind the engine's web page: signs people in, serves the pages, and hands their calls to an engine. */
export { type DashboardOptions, type RunningDashboard, startDashboard } from './compose.ts'
export { dashboardMain } from './main.ts'
