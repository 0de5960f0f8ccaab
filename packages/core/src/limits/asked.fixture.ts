import type { Clock } from '../clock/clock.ts'
import { isSwitchyardError, type SwitchyardError } from '../contract/errors.ts'
import type { AdmissionPermit, AdmissionStep, AttemptInfo } from '../engine/admission.ts'
import type { LimitStore } from './limit-store.ts'
import type { MemoryLimits } from './memory-limits.ts'

/** An attempt, and what has become of it. */
export class Asked {
  state: 'waits' | 'goes' | SwitchyardError = 'waits'
  permit: AdmissionPermit | undefined
  readonly at: number
  endedAt: number | undefined
  /** Resolves when it goes or is refused. */
  readonly ended: Promise<void>
  #end: () => void = () => undefined

  constructor({ limiter, clock }: { readonly limiter: AdmissionStep; readonly clock: Clock }, info: AttemptInfo) {
    this.at = clock.monotonic()
    this.ended = new Promise(resolve => {
      this.#end = resolve
    })
    const end = (state: Asked['state']): void => {
      this.state = state
      this.endedAt = clock.monotonic()
      this.#end()
    }
    const goes = (permit: AdmissionPermit): void => {
      this.permit = permit
      end('goes')
    }
    const leaves = (error: unknown): void => {
      if (!isSwitchyardError(error)) throw error
      end(error)
    }
    try {
      const permit = limiter.admit(info, 0)
      if (permit instanceof Promise) permit.then(goes, leaves)
      else goes(permit)
    } catch (error) {
      leaves(error)
    }
  }

  get waited(): number | undefined {
    return this.endedAt === undefined ? undefined : this.endedAt - this.at
  }
}

/** A store that answers a turn later. */
export function remote(store: MemoryLimits): LimitStore {
  const later = async <Value>(answer: () => Value): Promise<Value> => {
    await new Promise(resolve => setImmediate(resolve))
    return answer()
  }
  return {
    take: asks => later(() => store.take(asks)),
    correct: corrections => later(() => store.correct(corrections)),
    left: limit => later(() => store.left(limit)),
  }
}

/** Stores to wait for. */
export const near = [
  ['in memory', {}],
  ['that answers later', { through: remote }],
] as const
