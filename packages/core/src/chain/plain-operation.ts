import type { EmbeddingRequest } from '../contract/embedding.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import type { CallContext } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { OperationName } from '../engine/admission.ts'
import { type Attempt, type AttemptResult, attemptContext, providerError } from '../engine/attempt.ts'
import type { Operation } from '../engine/attempt-engine.ts'
import { attemptFailed } from '../engine/attempt-events.ts'
import type { EnginePorts } from '../engine/ports.ts'
import type { Target } from '../engine/target.ts'

/** A call that is answered in one piece, as an operation of the attempt engine. */
export function plainOperation<Value>(
  name: OperationName,
  request: MessageRequest | EmbeddingRequest,
  has: (target: Target) => boolean,
  send: (target: Target, context: CallContext) => Promise<Value>,
  ports: EnginePorts,
): Operation<Value> {
  return {
    name,
    request,
    unsupported: target => (has(target) ? undefined : `its provider has no ${name} call`),
    isUnaltered: () => true,
    attempt: attempt => plainAttempt(attempt, send, ports),
  }
}

function plainAttempt<Value>(
  attempt: Attempt,
  send: (target: Target, context: CallContext) => Promise<Value>,
  ports: EnginePorts,
): Promise<AttemptResult<Value>> {
  const { call, target, admission } = attempt
  const controller = new AbortController()
  return new Promise(resolve => {
    let over = false
    const elapsed = (): number => ports.clock.monotonic() - attempt.startedAt
    const finish = async (settle: () => void | Promise<void>, result: AttemptResult<Value>): Promise<void> => {
      if (over) return
      over = true
      timer.cancel()
      call.onAbort = undefined
      try {
        await settle()
        resolve(result)
      } catch (error) {
        resolve(result.ok ? { ok: false, error: providerError(error, target), final: true } : result)
      }
    }
    const fail = (error: SwitchyardError): void => {
      if (over) return
      controller.abort(error)
      attemptFailed(ports, attempt, error, elapsed())
      const cancelled = error.kind === 'aborted' || (error.phase === 'total' && call.deadlineIsCallers)
      const outcome = { type: cancelled ? 'cancelled' : 'failed', error, durationMs: elapsed() } as const
      void finish(() => admission.settle(outcome, ports.clock.monotonic()), { ok: false, error, final: false })
    }
    const timer = ports.clock.timer(call.deadline - ports.clock.monotonic(), () => fail(call.timeout()))
    call.onAbort = fail
    const answered = (value: Value): void => {
      const outcome = { type: 'completed', durationMs: elapsed() } as const
      void finish(() => admission.settle(outcome, ports.clock.monotonic()), { ok: true, value })
    }
    const broken = (error: unknown): void => fail(providerError(error, target))
    try {
      send(target, attemptContext(attempt, controller.signal)).then(answered, broken)
    } catch (error) {
      broken(error)
    }
  })
}
