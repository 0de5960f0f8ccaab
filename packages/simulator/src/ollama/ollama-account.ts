import { AccountLimits, type LimitedUse } from '../account-limits.ts'
import { RequestRefusal } from '../error-wording.ts'
import { isObject, type Json } from '../json-value.ts'
import type { ReceivedRequest, SimulatedApiOptions } from '../simulated-api.ts'
import { ServedModels, type SimulatedModel } from '../simulated-model.ts'
import { errorOfStatus } from './error-wording.ts'
import { ollamaModels } from './ollama-models.ts'
import { optional, Refusal } from './refusal.ts'

/** What the endpoints of one simulated Ollama share. */
export class OllamaAccount {
  readonly models: ServedModels
  readonly reply: SimulatedApiOptions['reply']
  /** Says `"simulated": true`. */
  readonly marked: boolean
  readonly #limits: AccountLimits

  constructor(options: SimulatedApiOptions) {
    this.models = new ServedModels(options.models ?? ollamaModels, options.anyModel)
    this.reply = options.reply
    this.marked = options.markSimulated !== false
    this.#limits = new AccountLimits(options.rateLimits)
  }

  /** The model of a name, which needs no tag where the tag is `latest`. @throws {Refusal} when there is none. */
  model(name: unknown, kind: 'answers' | 'vectors'): SimulatedModel {
    optional(name, 'string', 'ChatRequest.model')
    if (typeof name !== 'string' || name === '') throw new Refusal(400, 'model is required')
    const tagged = name.includes(':') ? name : `${name}:latest`
    const found = this.models.all.find(({ id }) => id === name || id === tagged) ?? this.models.find(name, kind)
    if (found !== undefined) return found
    throw new Refusal(404, `model '${name}' not found`)
  }

  /** Charges a request and its tokens to the limits. @throws {RequestRefusal} when there is not enough left. */
  take(use: LimitedUse): void {
    if (this.#limits.take(use) !== undefined) throw new RequestRefusal(errorOfStatus(429))
  }
}

/** @throws {Refusal} unless the body is an object. */
export function bodyOf({ body }: ReceivedRequest, type: string): Json {
  if (isObject(body)) return body
  throw new Refusal(400, `json: cannot unmarshal array into Go value of type api.${type}`)
}

/** Now, as every answer says it. */
export function createdAt(): string {
  return new Date().toISOString().replace('Z', '000Z')
}
