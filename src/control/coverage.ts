/** What of the published API is there, as data. */
import type { ControlRoutes } from './parts.ts'

export const registerCoverage: ControlRoutes = (app, { coverage }) => {
  app.get('/control/coverage', () => ({ value: coverage }))
}
