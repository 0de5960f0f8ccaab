import type { TimeoutPhase } from '../contract/error-table.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { Target } from './target.ts'

/** The error for a wait at `target` that ran out. */
export function timeoutError(target: Target, phase: TimeoutPhase): SwitchyardError {
  const { key, provider, model } = target
  const details = { phase, provider: provider.id, ...(model !== undefined && { model }) }
  return new SwitchyardError('timeout', `${key} ${complaint[phase]}`, details)
}

const complaint: Readonly<Record<TimeoutPhase, string>> = {
  connect: 'could not be reached in time.',
  headers: 'accepted the connection and did not answer in time.',
  'first-token': 'sent no first token in time.',
  idle: 'fell silent in the middle of its answer.',
  throughput: 'answered too slowly to go on waiting for it.',
  total: 'was still answering when the time for the whole request ran out.',
  'consumer-idle': 'was cancelled: nobody read its answer any more.',
}
