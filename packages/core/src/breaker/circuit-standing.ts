import { SwitchyardError } from '../contract/errors.ts'
import { type CircuitSnapshot, checkSnapshot } from './circuit-snapshot.ts'
import type { CircuitStateName } from './circuit-state.ts'

/** One circuit of a board, as it stands. */
export interface CircuitStanding {
  /** `provider/model`, `provider`, or `provider (network)`. */
  readonly circuit: string
  /** Whose health it watches: a model's, an account's, or that of this process's own way to the provider. */
  readonly guards: 'model' | 'account' | 'process'
  readonly state: CircuitStateName
  /** Of one that is open or half-open: until asking makes sense, in milliseconds; 0 where a probe may go. */
  readonly retryAfterMs?: number
  /** What whoever isolated it said. */
  readonly note?: string
}

/** All circuits of a board as plain JSON. */
export interface BoardSnapshot {
  readonly version: 1
  /** When it was taken, in milliseconds since 1970. */
  readonly at: number
  /** Those of which there is something to remember. */
  readonly circuits: Readonly<Record<string, CircuitSnapshot>>
  /** Why some are isolated. */
  readonly notes?: Readonly<Record<string, string>>
}

/** @throws {SwitchyardError} `invalid-request` where the value is no snapshot of a board, or a circuit of it is none. */
export function checkBoardSnapshot(value: BoardSnapshot): void {
  const { version, at, circuits } = value ?? {}
  if (version !== 1 || !Number.isFinite(at) || typeof circuits !== 'object' || circuits === null) {
    throw new SwitchyardError(
      'invalid-request',
      'This is no snapshot of circuits: it needs version 1, at and circuits.',
    )
  }
  for (const circuit of Object.values(circuits)) checkSnapshot(circuit)
}

/** A refusal that names what was probably meant. */
export function unknownCircuit(key: string, known: Iterable<string>): SwitchyardError {
  const shown = JSON.stringify(key.slice(0, 100))
  const alike = (name: string): number => {
    let same = 0
    while (same < name.length && name[same] === key[same]) same++
    return same
  }
  const names = [...known].sort((one, other) => alike(other) - alike(one)).slice(0, 5)
  const there = names.length === 0 ? 'there are none yet' : `nearest are ${names.join(', ')}`
  return new SwitchyardError('not-found', `There is no circuit ${shown}; ${there}.`)
}
