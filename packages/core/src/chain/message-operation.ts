import type { HoldBackOptions } from '../continuation/hold-back-options.ts'
import { type Prefill, prefill } from '../continuation/prefill.ts'
import { otherWords, Splice } from '../continuation/splice.ts'
import type { ModelCapabilities } from '../contract/capabilities.ts'
import type { SwitchyardError } from '../contract/errors.ts'
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
import type { Planner } from '../selection/planner.ts'
import type { SelectionReason } from '../selection/selection-policy.ts'
import type { ChainOptions } from './chain-options.ts'
import { isChain } from './chain-targets.ts'

/** How an answer is kept alive. */
export type Continuity = Pick<ChainOptions, 'midStream' | 'holdBack' | 'hedge'>

/** One message as an operation of the engine. */
export class MessageOperation implements Operation<MessageStream> {
  readonly name = 'message'
  readonly #request: MessageRequest
  readonly #ports: EnginePorts
  readonly #needs: Requirements
  readonly #answer: Answer
  readonly #holdBack: HoldBackOptions | undefined
  readonly #hedges: boolean
  /** How the attempt that is being made was asked to go on. */
  #prefill: Prefill | undefined
  /** Those that took no prefill. */
  #refused: Set<Target> | undefined
  readonly #known = new Map<Target, ModelCapabilities>()

  readonly #planner: Planner | undefined

  /** `released` is called once the answer holds nothing any more, `planner` is told whose it is. */
  constructor(
    request: MessageRequest,
    ports: EnginePorts,
    released: () => void,
    planner?: Planner,
    continuity: Continuity = {},
  ) {
    this.#planner = planner
    this.#holdBack = continuity.holdBack
    this.#hedges = continuity.hedge !== undefined
    this.#request = request
    this.#ports = ports
    this.#needs = requirements(request)
    this.#answer = new Answer(ports, { request, continues: continuity.midStream !== 'fail', released })
  }

  requestFor(target: Target): MessageRequest {
    const request = targetRequest(this.#request, target, this.#streams(target))
    return this.#prefillFor(target, request)?.request ?? request
  }

  unsupported(target: Target): SelectionReason | undefined {
    const { provider } = target
    // of a nested chain, one target that can is enough
    return missing(this.#needs, isChain(provider) ? provider.capabilities().possible : this.#capabilities(target))
  }

  isUnaltered(target: Target): boolean {
    // somebody has begun to answer it: what another refuses in it is that one's own matter
    return this.#answer.broken === undefined && defaultsFor(target, this.#request) === undefined
  }

  /** Who does not go on from a text may begin anew. */
  mayAskOtherwise(target: Target, { kind, code }: SwitchyardError): boolean {
    const refused = kind === 'invalid-request' || (kind === 'unsupported' && code !== otherWords)
    if (this.#prefill === undefined || !refused) return false
    this.#refused ??= new Set()
    this.#refused.add(target)
    return true
  }

  attempt(attempt: Attempt): RunningAttempt<MessageStream> {
    const { target, call } = attempt
    const { clamp } = attempt.admission
    const whole = this.#request.stream === false
    const asked = attempt.request as MessageRequest
    this.#prefill = this.#prefillFor(target)
    const request = clamp === undefined ? asked : { ...asked, maxOutputTokens: clamp.maxOutputTokens }
    const warning = clamp && { setting: 'maxOutputTokens', message: clamp.message }
    const limits = silenceLimits(target, request, this.#capabilities(target), this.#ports.performance)
    const answered = (toolCall: string | undefined): void =>
      this.#planner?.answered(this.#request, call.context, target, toolCall)
    const message = new MessageAttempt(this.#ports, attempt, {
      request,
      whole,
      limits,
      answer: this.#answer,
      answered,
      warning,
      holdBack: this.#holdBack,
      splice: this.#splice(target),
    })
    return { result: this.#opened(message, whole), abandon: error => message.abandon(error) }
  }

  /** How a target is asked to go on from what was shown; absent where it is asked for the whole answer. */
  #prefillFor(target: Target, request?: MessageRequest): Prefill | undefined {
    const { broken } = this.#answer
    if (broken === undefined) return undefined
    if (this.#capabilities(target).prefill !== true || this.#refused?.has(target)) return undefined
    return prefill(request ?? targetRequest(this.#request, target, this.#streams(target)), broken.shown.text)
  }

  /** Streamed wherever that can be, so that silence is seen; but a chain whose silence nobody watches makes whole answers. */
  #streams(target: Target): boolean {
    const { firstTokenMs, idleMs } = target.timeouts
    const isWatched = target.breaker !== undefined || this.#hedges || Math.min(firstTokenMs, idleMs) < Infinity
    return isWatched ? this.#capabilities(target).streaming !== false : this.#request.stream !== false
  }

  #splice({ key }: Target): Splice | undefined {
    const { broken } = this.#answer
    const prefill = this.#prefill
    return broken && new Splice(broken.shown, { target: key, reason: broken.error.kind, ...(prefill && { prefill }) })
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

/** The request as one target gets it: its model and its defaults. */
function targetRequest(request: MessageRequest, target: Target, stream: boolean): MessageRequest {
  if (target.model !== undefined) return { ...request, ...defaultsFor(target, request), model: target.model, stream }
  const { model: _, ...rest } = request
  return { ...rest, ...defaultsFor(target, request), stream }
}

function defaultsFor(target: Target, request: MessageRequest): RequestDefaults | undefined {
  if (target.defaults === undefined) return undefined
  const missingHere = Object.entries(target.defaults).filter(
    ([name, value]) => value !== undefined && request[name as keyof RequestDefaults] === undefined,
  )
  return missingHere.length === 0 ? undefined : Object.fromEntries(missingHere)
}
