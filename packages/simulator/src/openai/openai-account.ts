import { AccountLimits, type LimitExcess } from '../account-limits.ts'
import { RequestRefusal } from '../error-wording.ts'
import { spelledDuration } from '../rate-limit.ts'
import type { SimulatedApiOptions } from '../simulated-api.ts'
import { ServedModels, type SimulatedModel } from '../simulated-model.ts'
import { InvalidRequest } from './refusal.ts'

/** What the endpoints of one simulated OpenAI share. */
export class OpenAIAccount {
  readonly models: ServedModels
  readonly limits: AccountLimits
  readonly reply: SimulatedApiOptions['reply']
  /** Says `"simulated": true`. */
  readonly marked: boolean

  constructor(options: SimulatedApiOptions, models: readonly SimulatedModel[]) {
    this.models = new ServedModels(options.models ?? models, options.anyModel)
    this.limits = new AccountLimits(options.rateLimits)
    this.reply = options.reply
    this.marked = options.markSimulated !== false
  }

  /** @throws {InvalidRequest} when there is none of that name. */
  model(name: unknown, kind: 'answers' | 'vectors'): SimulatedModel {
    if (typeof name !== 'string' || name === '') throw new InvalidRequest(400, 'you must provide a model parameter')
    const found = this.models.find(name, kind)
    if (found !== undefined) return found
    const message = `The model \`${name}\` does not exist or you do not have access to it.`
    throw new InvalidRequest(404, message, null, 'model_not_found')
  }

  /** Charges a request and its tokens to the limits. @throws {RequestRefusal} when there is not enough left. */
  take(tokens: number): void {
    const excess = this.limits.take(tokens)
    if (excess !== undefined) throw rateLimited(excess)
  }

  /** The `x-ratelimit-*` headers. */
  limitHeaders(): Record<string, string> {
    const { requests, tokens } = this.limits
    return {
      'x-ratelimit-limit-requests': String(requests.limit),
      'x-ratelimit-limit-tokens': String(tokens.limit),
      'x-ratelimit-remaining-requests': String(requests.remaining),
      'x-ratelimit-remaining-tokens': String(tokens.remaining),
      'x-ratelimit-reset-requests': spelledDuration(requests.resetMs),
      'x-ratelimit-reset-tokens': spelledDuration(tokens.resetMs),
    }
  }
}

function rateLimited({ what, limit, remaining, requested, waitMs }: LimitExcess): RequestRefusal {
  const word = what === 'requests' ? 'requests per min (RPM)' : 'tokens per min (TPM)'
  return new RequestRefusal({
    status: 429,
    message: `Rate limit reached in organization org-sim on ${word}: Limit ${limit}, Used ${limit - remaining}, Requested ${requested}. Please try again in ${spelledDuration(waitMs)}.`,
    type: what,
    code: 'rate_limit_exceeded',
    retryAfter: Math.ceil(waitMs / 1_000),
    headers: { 'retry-after-ms': String(waitMs) },
  })
}
