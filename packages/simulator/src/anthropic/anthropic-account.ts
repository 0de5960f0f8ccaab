import {
  AccountLimits,
  type AccountState,
  type LimitExcess,
  type LimitedThing,
  type LimitedUse,
} from '../account-limits.ts'
import { RequestRefusal } from '../error-wording.ts'
import { isObject, type Json } from '../json-value.ts'
import { now } from '../request-log.ts'
import type { ReceivedRequest, SimulatedApiOptions } from '../simulated-api.ts'
import { ServedModels, type SimulatedModel } from '../simulated-model.ts'
import { anthropicModels } from './anthropic-models.ts'
import { CachedPrefixes } from './cached-prefixes.ts'
import { InvalidRequest, stringAt } from './refusal.ts'

const versions = ['2023-06-01', '2026-10-21']

/** What the endpoints of one simulated Anthropic share. */
export class AnthropicAccount {
  readonly models: ServedModels
  readonly limits: AccountLimits
  readonly prefixes = new CachedPrefixes()
  readonly reply: SimulatedApiOptions['reply']
  /** Says `"simulated": true`. */
  readonly marked: boolean

  constructor(options: SimulatedApiOptions) {
    this.models = new ServedModels(options.models ?? anthropicModels, options.anyModel)
    this.limits = new AccountLimits(options.rateLimits)
    this.reply = options.reply
    this.marked = options.markSimulated !== false
  }

  /** @throws {RequestRefusal} when there is none of that name. */
  model(name: unknown): SimulatedModel {
    const found = this.models.find(stringAt(name, 'model'), 'answers')
    if (found !== undefined) return found
    throw new RequestRefusal({ status: 404, type: 'not_found_error', message: `model: ${String(name)}` })
  }

  /** Charges a request and its tokens to the limits. @throws {RequestRefusal} when there is not enough left. */
  take(use: LimitedUse): void {
    const excess = this.limits.take(use)
    if (excess !== undefined) throw rateLimited(excess)
  }

  /** The `anthropic-ratelimit-*` headers, where there are limits. */
  limitHeaders(): Record<string, string> {
    if (!this.limits.enforced) return {}
    return Object.assign({}, ...things.map(thing => spelled(names[thing], this.limits.left(thing))))
  }
}

/** The version of the API that a request names. @throws {InvalidRequest} when there is none, or it is not known. */
export function versionOf({ headers }: ReceivedRequest): string {
  const version = headers['anthropic-version']
  if (version === undefined) throw new InvalidRequest('anthropic-version', 'header is required')
  if (versions.includes(version)) return version
  throw new InvalidRequest('anthropic-version', `"${version}" is not a valid version`)
}

/** @throws {InvalidRequest} unless the body is an object. */
export function bodyOf({ body }: ReceivedRequest): Json {
  if (isObject(body)) return body
  throw new InvalidRequest('', 'Input should be a valid dictionary')
}

const names: Readonly<Record<LimitedThing, string>> = {
  requests: 'requests',
  tokens: 'tokens',
  inputTokens: 'input-tokens',
  outputTokens: 'output-tokens',
}
const things = Object.keys(names) as readonly LimitedThing[]

function spelled(what: string, { limit, remaining, resetMs }: AccountState): Record<string, string> {
  const name = `anthropic-ratelimit-${what}`
  const reset = new Date(now() + resetMs).toISOString().replace(/\.\d+Z$/, 'Z')
  return { [`${name}-limit`]: String(limit), [`${name}-remaining`]: String(remaining), [`${name}-reset`]: reset }
}

function rateLimited({ what, limit, waitMs }: LimitExcess): RequestRefusal {
  const message = `This request would exceed the rate limit for your organization of ${limit.toLocaleString('en-US')} ${names[what].replace('-', ' ')} per minute.`
  return new RequestRefusal({ status: 429, type: 'rate_limit_error', message, retryAfter: Math.ceil(waitMs / 1_000) })
}
