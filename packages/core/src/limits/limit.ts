import { SwitchyardError } from '../contract/errors.ts'
import type { Holding, Scope } from '../scope/scope.ts'
import { type LimitDefinition, type LimitQuantity, quantities } from './limit-definition.ts'
import type { LimitKey } from './limit-store.ts'

/** One number of a limit. */
export interface LimitCounter extends LimitKey {
  readonly owner: Limit
  readonly quantity: LimitQuantity
  readonly unit: 'requests' | 'tokens'
}

/** A limit at work: whom it holds for, and what it counts. */
export class Limit {
  readonly name: string
  readonly isStrict: boolean
  readonly maxWaitMs: number
  readonly maxQueue: number
  readonly counters: readonly LimitCounter[]
  readonly countsTokens: boolean
  /** Only providers and models hold it: it is what they are believed to allow. */
  readonly isProviders: boolean
  /** How many wait for it. */
  waiting = 0
  /** How many of its attempts are not settled yet: they may give something back. */
  open = 0

  constructor(definition: LimitDefinition, scopes: readonly Scope[]) {
    const { name, mode = 'estimated', maxWaitMs = 0, maxQueue = 100 } = definition
    this.name = name
    this.isStrict = mode === 'strict'
    this.maxWaitMs = maxWaitMs
    this.maxQueue = maxQueue
    this.isProviders = scopes.every(({ type }) => type === 'provider' || type === 'model')
    this.counters = quantities.flatMap(({ field, quantity, unit, windowMs }) => {
      const limit = definition[field]
      if (limit === undefined) return []
      return [{ owner: this, key: `${name}:${quantity}`, quantity, unit, windowMs, limit }]
    })
    this.countsTokens = this.counters.some(({ unit }) => unit === 'tokens')
  }
}

/** @throws {SwitchyardError} `invalid-request` for what cannot hold, naming the limit and the field. */
export function limitsOf(definitions: readonly LimitDefinition[], holdings: readonly Holding[]): readonly Limit[] {
  const scopes = new Map<string, Scope[]>()
  for (const definition of definitions) {
    const { name } = definition
    if (scopes.has(name)) throw invalid(name, 'name', 'is defined twice')
    scopes.set(name, [])
    if (quantities.every(({ field }) => definition[field] === undefined)) {
      throw invalid(name, 'limits', 'limits nothing: give it requestsPerMinute or tokensPerMinute')
    }
    for (const { field } of quantities) {
      atLeast(1, definition, field)
      if (definition[field] === Number.POSITIVE_INFINITY)
        throw invalid(name, field, `needs a ${field} of at least 1, not Infinity: leave it out`)
    }
    atLeast(0, definition, 'maxWaitMs')
    atLeast(0, definition, 'maxQueue')
  }
  for (const { scope, name } of holdings) {
    const held = scopes.get(name)
    if (held === undefined) throw invalid(name, 'holdings', 'is held and not defined')
    held.push(scope)
  }
  return definitions.map(definition => new Limit(definition, scopes.get(definition.name) as Scope[]))
}

function atLeast(
  least: number,
  definition: LimitDefinition,
  field: Exclude<keyof LimitDefinition, 'name' | 'mode'>,
): void {
  const value = definition[field]
  if (value !== undefined && !(value >= least)) {
    throw invalid(definition.name, field, `needs a ${field} of at least ${least}, not ${value}`)
  }
}

function invalid(name: string, param: string, what: string): SwitchyardError {
  return new SwitchyardError('invalid-request', `The limit "${name}" ${what}.`, { param })
}
