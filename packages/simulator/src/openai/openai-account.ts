import { AccountLimits, type LimitedUse } from '../account-limits.ts'
import { RequestRefusal } from '../error-wording.ts'
import type { SimulatedApiOptions } from '../simulated-api.ts'
import { ServedModels, type SimulatedModel } from '../simulated-model.ts'
import type { OpenAIFlavour } from './openai-flavour.ts'
import { InvalidRequest } from './refusal.ts'

/** What the endpoints of one simulated OpenAI, or of a provider like it, share. */
export class OpenAIAccount {
  readonly flavour: OpenAIFlavour
  readonly models: ServedModels
  readonly limits: AccountLimits
  readonly reply: SimulatedApiOptions['reply']
  /** Says `"simulated": true`. */
  readonly marked: boolean

  constructor(options: SimulatedApiOptions, flavour: OpenAIFlavour) {
    this.flavour = flavour
    this.models = new ServedModels(options.models ?? flavour.models, options.anyModel)
    this.limits = new AccountLimits(options.rateLimits)
    this.reply = options.reply
    this.marked = options.markSimulated !== false
  }

  /** The path of an endpoint of this provider: `chat/completions`. */
  path(rest: string): RegExp {
    return new RegExp(`^${this.flavour.basePath}/${rest}$`)
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
  take(use: LimitedUse, model: string): void {
    const excess = this.limits.take(use)
    if (excess !== undefined) throw new RequestRefusal(this.flavour.limitRefusal(excess, model))
  }
}
