import { z } from 'zod'
import { section, text } from './schema-values.ts'

const names = z
  .union([text, z.array(text).min(1, { error: 'this list names nothing; remove the key' })], {
    error: 'expected a name, or a list of names',
  })
  .transform(written => (typeof written === 'string' ? [written] : written))

/** What may hold budgets and limits: the server, a provider, a model, a chain, a key, a tag. */
export const holder = {
  budget: names.optional().describe('A name under budgets, or several: all of them hold.'),
  limit: names.optional().describe('A name under limits, or several: all of them hold.'),
}

/** One tag of `tags`. */
export const tag = section(holder)
