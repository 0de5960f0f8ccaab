import type { Call } from '../engine/call.ts'
import type { EnginePorts } from '../engine/ports.ts'
import type { Target } from '../engine/target.ts'
import type { Decision } from './planner.ts'
import { rankReasons } from './rank-reasons.ts'

export function targetsSelected(ports: EnginePorts, call: Call, policy: string, decision: Decision): void {
  const isChoice = decision.targets.length + decision.passedOver.length > 1
  if (!isChoice || !ports.events.has('targets-selected')) return
  const { requestId, chain } = call
  const now = ports.clock.monotonic()
  ports.events.emit('targets-selected', {
    at: ports.clock.wall(),
    requestId,
    chain,
    policy,
    order: decision.targets.map(target => named(target, rankReasons(decision, target, now))),
    passedOver: decision.passedOver.map(({ target, reason }) => named(target, [reason])),
  })
}

function named<Reasons>(target: Target, reasons: Reasons): { target: string; reasons: Reasons } {
  return { target: target.key, reasons }
}
