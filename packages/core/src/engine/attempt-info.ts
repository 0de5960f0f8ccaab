import type { AttemptInfo, OperationName } from './admission.ts'
import type { Call } from './call.ts'
import type { Target } from './target.ts'

/** An attempt as its steps are told it; ids and context are made for those who ask. */
export class TargetAttempt implements AttemptInfo {
  readonly requestId: string
  readonly chain: string
  readonly chains: readonly string[]
  readonly nested: boolean
  readonly target: string
  readonly provider: string
  readonly model: string
  readonly attempt: number
  readonly operation: OperationName
  readonly request: AttemptInfo['request']
  readonly #context: AttemptInfo['context'] | undefined
  readonly #call: Call
  readonly #ordinal: number

  constructor(
    call: Call,
    target: Target,
    number: number,
    operation: OperationName,
    request: AttemptInfo['request'],
    context?: AttemptInfo['context'],
  ) {
    this.requestId = call.requestId
    this.chain = call.chain
    this.chains = call.chains
    this.nested = target.breaker === undefined
    this.target = target.key
    this.provider = target.provider.id
    this.model = target.model ?? target.provider.id
    this.attempt = number
    this.operation = operation
    this.request = request
    this.#context = context
    this.#call = call
    this.#ordinal = call.attempts + 1
  }

  /** Its own, or what its call tells all steps. */
  get context(): AttemptInfo['context'] {
    return this.#context ?? this.#call.stepContext
  }

  get id(): string {
    return `${this.#call.id}.${this.#ordinal}`
  }

  get callId(): string {
    return this.#call.rootId
  }
}
