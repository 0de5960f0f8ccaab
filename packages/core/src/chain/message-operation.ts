import type { Capability, ModelCapabilities } from '../contract/capabilities.ts'
import type { MessageRequest } from '../contract/request.ts'
import { type MessageStream, messageStream, wholeMessageStream } from '../contract/stream.ts'
import { Answer } from '../engine/answer.ts'
import type { Attempt, AttemptResult, RunningAttempt } from '../engine/attempt.ts'
import { MessageAttempt } from '../engine/message-attempt.ts'
import type { Operation } from '../engine/operation.ts'
import type { EnginePorts } from '../engine/ports.ts'
import { missing, type Requirements, requirements } from '../engine/requirements.ts'
import type { RequestDefaults, Target } from '../engine/target.ts'
import { silenceLimits } from '../engine/timeouts.ts'
import type { SelectionReason } from '../selection/selection-policy.ts'
import { isChain } from './chain-targets.ts'

/** One message as an operation of the engine. */
export class MessageOperation implements Operation<MessageStream> {
  readonly name = 'message'
  readonly #request: MessageRequest
  readonly #ports: EnginePorts
  readonly #needs: Requirements
  readonly #answer: Answer
  readonly #known = new Map<Target, ModelCapabilities>()

  /** `released` is called once the answer holds nothing any more. */
  constructor(request: MessageRequest, ports: EnginePorts, released: () => void) {
    this.#request = request
    this.#ports = ports
    this.#needs = requirements(request)
    this.#answer = new Answer(ports, released)
  }

  requestFor(target: Target): MessageRequest {
    return targetRequest(this.#request, target, this.#capabilities(target).streaming)
  }

  unsupported(target: Target): SelectionReason | undefined {
    const { provider } = target
    // of a nested chain, one target that can is enough
    return missing(this.#needs, isChain(provider) ? provider.capabilities().possible : this.#capabilities(target))
  }

  isUnaltered(target: Target): boolean {
    return defaultsFor(target, this.#request) === undefined
  }

  attempt(attempt: Attempt): RunningAttempt<MessageStream> {
    const { target } = attempt
    const { clamp } = attempt.admission
    const whole = this.#request.stream === false
    const asked = attempt.request as MessageRequest
    const request = clamp === undefined ? asked : { ...asked, maxOutputTokens: clamp.maxOutputTokens }
    const warning = clamp && { setting: 'maxOutputTokens', message: clamp.message }
    const limits = silenceLimits(target, request, this.#capabilities(target), this.#ports.performance)
    const options = { request, whole, limits, answer: this.#answer, ...(warning && { warning }) }
    const message = new MessageAttempt(this.#ports, attempt, options)
    return { result: this.#opened(message, whole), abandon: error => message.abandon(error) }
  }

  async #opened(message: MessageAttempt, whole: boolean): Promise<AttemptResult<MessageStream>> {
    const opened = await message.open()
    if (!opened.ok) return opened
    return { ok: true, value: whole ? wholeMessageStream(message.wholeResponse()) : messageStream(this.#answer) }
  }

  #capabilities(target: Target): ModelCapabilities {
    let capabilities = this.#known.get(target)
    if (capabilities === undefined) {
      capabilities = target.provider.getCapabilities(target.model ?? target.provider.id)
      this.#known.set(target, capabilities)
    }
    return capabilities
  }
}

/** The request as one target gets it: its model, its defaults, and streamed wherever it can, so that silence is seen. */
function targetRequest(request: MessageRequest, target: Target, streaming: Capability): MessageRequest {
  const { model: _, ...rest } = request
  return {
    ...rest,
    ...defaultsFor(target, request),
    ...(target.model !== undefined && { model: target.model }),
    stream: streaming !== false,
  }
}

function defaultsFor(target: Target, request: MessageRequest): RequestDefaults | undefined {
  if (target.defaults === undefined) return undefined
  const missingHere = Object.entries(target.defaults).filter(
    ([name, value]) => value !== undefined && request[name as keyof RequestDefaults] === undefined,
  )
  return missingHere.length === 0 ? undefined : Object.fromEntries(missingHere)
}
