import type { EmbeddingRequest } from '../contract/embedding.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import type { CallContext, IAIProvider } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { Usage } from '../contract/usage.ts'
import type { OperationName } from '../engine/admission.ts'
import {
  type Attempt,
  type AttemptResult,
  attemptContext,
  providerError,
  type RunningAttempt,
} from '../engine/attempt.ts'
import { attemptFailed } from '../engine/attempt-events.ts'
import type { Operation } from '../engine/operation.ts'
import type { EnginePorts } from '../engine/ports.ts'
import { type AttemptProgress, failureOutcome, settle } from '../engine/settlement.ts'
import type { Target } from '../engine/target.ts'
import { timeoutError } from '../engine/timeout-error.ts'

export interface PlainCall<Request extends MessageRequest | EmbeddingRequest, Value> {
  readonly name: OperationName
  readonly request: Request
  /** What a provider has for it, if anything. */
  method(provider: IAIProvider): ((request: Request, context?: CallContext) => Promise<Value>) | undefined
  usage(value: Value): Usage | undefined
}

/** A call that is answered in one piece, as an operation of the attempt engine. */
export function plainOperation<Request extends MessageRequest | EmbeddingRequest, Value>(
  plain: PlainCall<Request, Value>,
  ports: EnginePorts,
): Operation<Value> {
  const { name, request } = plain
  return {
    name,
    requestFor: target => withModel(request, target),
    unsupported: target =>
      plain.method(target.provider) ? undefined : { code: 'unsupported', message: `its provider has no ${name} call` },
    isUnaltered: () => true,
    attempt: attempt => plainAttempt(attempt, plain, ports),
  }
}

function plainAttempt<Request extends MessageRequest | EmbeddingRequest, Value>(
  attempt: Attempt,
  plain: PlainCall<Request, Value>,
  ports: EnginePorts,
): RunningAttempt<Value> {
  const { call, target } = attempt
  const { clock } = ports
  const controller = new AbortController()
  let abandon: RunningAttempt<Value>['abandon'] = () => undefined
  const result = new Promise<AttemptResult<Value>>(resolve => {
    let over = false
    let progress: AttemptProgress = 'unsent'
    const elapsed = (): number => clock.monotonic() - attempt.startedAt
    const end = (): void => {
      over = true
      timer.cancel()
      call.offAbort(left)
    }
    const refuse = (error: SwitchyardError, durationMs: number, final: boolean): void =>
      resolve({ ok: false, error, final, durationMs })
    const fail = (error: SwitchyardError, left: boolean): void => {
      if (over) return
      end()
      controller.abort(error)
      const durationMs = elapsed()
      attemptFailed(ports, attempt, error, durationMs)
      const told = (): void => refuse(error, durationMs, false)
      settle(attempt, failureOutcome(attempt, error, left, durationMs, progress), clock.monotonic(), told, told)
    }
    const answered = (value: Value): void => {
      if (over) return
      end()
      const usage = plain.usage(value)
      const outcome = { type: 'completed', durationMs: elapsed(), ...(usage && { usage }) } as const
      const show = (): void => resolve({ ok: true, value })
      const refused = (error: SwitchyardError): void => refuse(error, elapsed(), true)
      settle(attempt, outcome, clock.monotonic(), show, refused, { type: 'completed' })
    }
    const broken = (error: unknown): void => fail(providerError(error, target), false)
    // what has already arrived wins over the timer that it raced
    const timer = clock.timer(call.deadline - clock.monotonic(), () => {
      void clock.turn().then(() => fail(timeoutError(target, 'total'), false))
    })
    const left = (error: SwitchyardError): void => fail(error, error.kind !== 'timeout')
    abandon = left
    call.onAbort(left)
    if (over) return
    progress = 'sent'
    try {
      const { provider } = target
      const send = plain.method(provider) as NonNullable<ReturnType<typeof plain.method>>
      const context = attemptContext(attempt, controller.signal, clock)
      send.call(provider, attempt.request as Request, context).then(answered, broken)
    } catch (error) {
      broken(error)
    }
  })
  return { result, abandon }
}

function withModel<Request extends { readonly model?: string }>(request: Request, target: Target): Request {
  const { model: _, ...rest } = request
  return (target.model === undefined ? rest : { ...rest, model: target.model }) as Request
}
