import { SwitchyardError } from '@switchyard/core'
import type { Caller } from './callers.ts'
import { HttpError } from './errors.ts'

/** What `GET /usage` is asked for. */
export type UsageQuery =
  | { readonly type: 'entry'; readonly requestId: string }
  | {
      readonly type: 'report'
      readonly timeZone?: string
      readonly filter: UsageQueryFilter
    }

type UsageQueryFilter = Readonly<Partial<Record<(typeof filters)[number], string>>>

const filters = ['from', 'to', 'key', 'chain', 'model', 'provider', 'tag'] as const
const known = [...filters, 'timeZone', 'request']

/**
 * Reads a query. A caller who may not see others' usage gets its own.
 *
 * @throws {SwitchyardError} `invalid-request`, naming the parameter.
 * @throws {HttpError} 403 where it asks for another's.
 */
export function usageQuery(query: URLSearchParams, caller: Caller): UsageQuery {
  const given = new Map<string, string>()
  for (const [name, value] of query) {
    if (!known.includes(name))
      throw wrong(name, `There is no parameter ${JSON.stringify(name.slice(0, 100))}; there are ${known.join(', ')}.`)
    if (given.has(name)) throw wrong(name, `The parameter ${name} stands there twice; keep one.`)
    if (value === '') throw wrong(name, `The parameter ${name} is empty; give it a value, or leave it out.`)
    given.set(name, value)
  }
  const requestId = given.get('request')
  if (requestId !== undefined) {
    if (given.size > 1) throw wrong('request', 'The parameter request stands alone: it names one request.')
    return { type: 'entry', requestId }
  }
  const filter: Partial<Record<(typeof filters)[number], string>> = {}
  for (const name of filters) {
    const value = given.get(name)
    if (value !== undefined) filter[name] = value
  }
  if (!caller.admin && caller.name !== undefined) {
    if (filter.key !== undefined && filter.key !== caller.name) {
      const message = `The key "${caller.name}" sees its own usage alone; ask with a key that has admin: true.`
      throw new HttpError(403, 'permission_denied', message)
    }
    filter.key = caller.name
  }
  const timeZone = given.get('timeZone')
  return { type: 'report', filter, ...(timeZone !== undefined && { timeZone }) }
}

function wrong(param: string, message: string): SwitchyardError {
  return new SwitchyardError('invalid-request', message, { param })
}
