import type { SharedCircuit } from './circuit-sharing.ts'
import { type CircuitSnapshot, checkSnapshot } from './circuit-snapshot.ts'
import type { CircuitStates } from './circuit-states.ts'

// what one circuit tells another, and what that makes of it

export function snapshotOf(states: CircuitStates, now: number): CircuitSnapshot {
  return {
    version: 1,
    state: stateSnapshot(states, now),
    failedProbes: states.failedProbes,
    retryAfterMs: Math.max(0, states.notBefore - now),
  }
}

/** @throws {SwitchyardError} */
export function restore(states: CircuitStates, snapshot: CircuitSnapshot, now: number): void {
  checkSnapshot(snapshot)
  const { state, failedProbes, retryAfterMs } = snapshot
  states.failedProbes = failedProbes
  states.notBefore = retryAfterMs > 0 ? now + retryAfterMs : Number.NEGATIVE_INFINITY
  states.window.clear()
  switch (state.name) {
    case 'closed':
      if (state.windowMs === states.settings.windowMs) states.window.fill(now, state.outcomes)
      states.close(now, 'restored')
      return
    case 'open':
      states.openUntil(now + state.remainingMs, now, 'restored')
      return
    case 'isolated':
      states.isolate(now, 'restored')
  }
}

export function sharedOf(states: CircuitStates, now: number): SharedCircuit {
  const { current, notBefore, failedProbes } = states
  if (current.name === 'closed' || current.name === 'isolated') return { name: current.name }
  return {
    name: 'open',
    remainingMs: current.name === 'open' ? Math.max(0, current.until - now) : 0,
    retryAfterMs: Math.max(0, notBefore - now),
    failedProbes,
  }
}

/** Of two deadlines the later one holds. */
export function adopt(states: CircuitStates, circuit: SharedCircuit, now: number): void {
  const { current } = states
  switch (circuit.name) {
    case 'closed':
      if (current.name !== 'closed') states.forget(now, 'adopted')
      return
    case 'isolated':
      if (current.name !== 'isolated') states.isolate(now, 'adopted')
      return
    case 'open': {
      states.notBefore = Math.max(states.notBefore, now + circuit.retryAfterMs)
      states.failedProbes = Math.max(states.failedProbes, circuit.failedProbes)
      const until = Math.max(now + circuit.remainingMs, states.notBefore)
      if (current.name === 'open') current.until = Math.max(current.until, until)
      else states.openUntil(until, now, 'adopted')
    }
  }
}

function stateSnapshot({ current, settings, window, notBefore }: CircuitStates, now: number): CircuitSnapshot['state'] {
  switch (current.name) {
    case 'closed':
      return { name: 'closed', windowMs: settings.windowMs, outcomes: window.slices(now) }
    case 'open':
      return { name: 'open', remainingMs: Math.max(0, current.until - now) }
    case 'half-open':
      return { name: 'open', remainingMs: Math.max(0, notBefore - now) }
    case 'isolated':
      return { name: 'isolated' }
  }
}
