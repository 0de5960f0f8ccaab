import { text } from './schema-values.ts'

/** What may hold a budget and a limit: the server, a provider, a chain, a key. */
export const holder = {
  budget: text.optional().describe('A name under budgets.'),
  limit: text.optional().describe('A name under limits.'),
}
