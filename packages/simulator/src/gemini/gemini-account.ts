import { AccountLimits, type LimitExcess, type LimitedUse } from '../account-limits.ts'
import { RequestRefusal } from '../error-wording.ts'
import { isObject, type Json } from '../json-value.ts'
import type { ReceivedRequest, SimulatedApiOptions } from '../simulated-api.ts'
import { ServedModels, type SimulatedModel } from '../simulated-model.ts'
import { quotaFailure } from './error-wording.ts'
import { geminiModels } from './gemini-models.ts'
import { InvalidArgument } from './refusal.ts'

/** What the endpoints of one simulated Gemini share. */
export class GeminiAccount {
  readonly models: ServedModels
  readonly reply: SimulatedApiOptions['reply']
  /** Says `"simulated": true`. */
  readonly marked: boolean
  readonly #limits: AccountLimits

  constructor(options: SimulatedApiOptions) {
    this.models = new ServedModels(options.models ?? geminiModels, options.anyModel)
    this.reply = options.reply
    this.marked = options.markSimulated !== false
    this.#limits = new AccountLimits(options.rateLimits)
  }

  /** The model that a path names. @throws {RequestRefusal} when there is none that does this. */
  model(path: RegExpExecArray, method: string): SimulatedModel {
    const [, version = '', name = ''] = path
    const kind = method === 'batchEmbedContents' ? 'vectors' : 'answers'
    const found = this.models.find(decodeURIComponent(name), kind)
    if (found !== undefined && (found.dimensions !== undefined) === (kind === 'vectors')) return found
    const message = `models/${name} is not found for API version ${version}, or is not supported for ${method}. Call ListModels to see the list of available models and their supported methods.`
    throw new RequestRefusal({ status: 404, type: 'NOT_FOUND', message })
  }

  /** Charges a request and its tokens to the limits. @throws {RequestRefusal} when there is not enough left. */
  take(use: LimitedUse): void {
    const excess = this.#limits.take(use)
    if (excess !== undefined) throw exhausted(excess)
  }
}

/** @throws {InvalidArgument} unless the body is an object. */
export function bodyOf({ body }: ReceivedRequest): Json {
  if (isObject(body)) return body
  throw new InvalidArgument('Invalid JSON payload received. Unexpected token.')
}

function exhausted({ what, limit, waitMs }: LimitExcess): RequestRefusal {
  const quota = what === 'requests' ? 'GenerateRequestsPerMinute' : 'GenerateContentInputTokensPerMinute'
  return new RequestRefusal({
    status: 429,
    type: 'RESOURCE_EXHAUSTED',
    message: 'You exceeded your current quota, please check your plan and billing details.',
    details: quotaFailure(`${quota}PerProjectPerModel`, limit),
    retryAfter: waitMs / 1_000,
  })
}
