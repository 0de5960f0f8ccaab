import { z } from 'zod'
import { holder } from './holder-schema.ts'
import { section } from './schema-values.ts'

// names go into logs, the ledger and a header that is split at commas
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,63}$/, {
  error: 'expected at most 64 letters, digits and any of . _ : @ / -, a letter or digit first',
})

/** A tag as requests and keys carry it. */
export const tagName = name

/** One key of `keys`. */
export const key = section({
  name: name.describe('Who asks, as logs and reports tell it.'),
  hash: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, { error: 'expected "sha256:" and 64 hexadecimal digits in lower case' })
    .describe('sha256: and what `printf %s "$KEY" | sha256sum` prints. The key itself is nowhere in this file.'),
  chains: z
    .array(z.string().min(1))
    .min(1, { error: 'a key that may use no chain is of no use; name one, or remove this list' })
    .optional()
    .describe('The chains it may ask. Default: all, and every model.'),
  tags: z.array(tagName).optional().describe('Tags that all its requests carry.'),
  admin: z
    .boolean()
    .optional()
    .describe('It may read the usage of all keys, see how targets stand, and stop them. Default false.'),
  ...holder,
})
