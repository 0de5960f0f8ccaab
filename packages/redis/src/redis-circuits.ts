import {
  type CircuitCause,
  type CircuitListener,
  type CircuitSharing,
  circuitLater,
  type ProbeAnswer,
  type SharedCircuit,
} from '@switchyard/core'
import { circuitsScript, leaseScript, probeScript, tellScript } from './circuit-scripts.ts'
import type { Fleet } from './fleet.ts'

const keys = ['circuits', 'probes']
// renewed every second, so that another process soon probes where the prober died
const leaseMs = 5_000
// what is isolated stays so for longer than keys live
const refreshMs = 3_600_000

interface Known {
  readonly circuit: SharedCircuit
  readonly at: number
  readonly cause: CircuitCause
}

/** Circuits of the whole fleet: Redis keeps those that are not closed, and tells every change at once. */
export class RedisCircuits implements CircuitSharing {
  readonly #fleet: Fleet
  readonly #listeners = new Set<CircuitListener>()
  // all that are not closed, as told or heard
  readonly #known = new Map<string, Known>()
  // told while Redis was away
  readonly #untold = new Map<string, Known>()
  readonly #probes = new Map<string, number>()
  // what changed since Redis was asked for all, which the answer may not know yet
  #changed = new Set<string>()
  #refreshedAt = Number.NEGATIVE_INFINITY
  #heard = Promise.resolve()

  constructor(fleet: Fleet) {
    this.#fleet = fleet
    fleet.listen({
      returned: anew => {
        this.#heard = this.#return(anew).catch(() => fleet.lose())
      },
      message: text => this.#hear(text),
      alive: () => this.#renew(),
    })
  }

  /** Settles once all is known that Redis knew when this process came to share, or Redis is away again. */
  get heard(): Promise<void> {
    return this.#heard
  }

  listen(listener: CircuitListener): () => void {
    this.#listeners.add(listener)
    const now = this.#fleet.monotonic()
    for (const [key, { circuit, at }] of this.#known) listener(key, circuitLater(circuit, now - at))
    return () => void this.#listeners.delete(listener)
  }

  tell(key: string, circuit: SharedCircuit, cause: CircuitCause): void {
    this.#probes.delete(key)
    this.#untold.delete(key)
    const known = { circuit, cause, at: this.#fleet.monotonic() }
    this.#keep(key, known)
    this.#tell(key, known).catch(() => {
      this.#untold.set(key, known)
      this.#fleet.lose()
    })
  }

  async probe(key: string, longestMs: number, early: boolean): Promise<ProbeAnswer> {
    const fleet = this.#fleet
    // by itself each process sends a probe of its own
    if (fleet.state !== 'shared') return { granted: true }
    const args = [fleet.time, fleet.member, key, String(leaseMs), early ? '1' : '0']
    try {
      const [answer, retryAfterMs] = await fleet.runOver(probeScript, keys, args)
      if (answer !== 'granted') return { granted: false, retryAfterMs: Number(retryAfterMs) }
      this.#probes.set(key, fleet.monotonic() + longestMs)
    } catch {
      fleet.lose()
    }
    return { granted: true }
  }

  release(key: string): void {
    this.#probes.delete(key)
    const fleet = this.#fleet
    if (fleet.state !== 'shared') return
    fleet.runOver(leaseScript, keys, [fleet.time, fleet.member, '0', key]).catch(() => undefined)
  }

  async #tell(key: string, { circuit, at, cause }: Known): Promise<void> {
    const fleet = this.#fleet
    const now = circuitLater(circuit, fleet.monotonic() - at)
    const times = now.name === 'open' ? [now.remainingMs, now.retryAfterMs, now.failedProbes] : [0, 0, 0]
    const args = [fleet.time, fleet.channel, fleet.member, key, now.name, ...times.map(time => String(Math.ceil(time)))]
    await fleet.runOver(tellScript, keys, [...args, cause === 'hand' ? '1' : '0'])
  }

  /** Tells what Redis does not know, and hears what happened meanwhile. */
  async #return(anew: boolean): Promise<void> {
    const fleet = this.#fleet
    // what cannot be told now is told when Redis is back the next time
    if (anew) for (const [key, known] of this.#known) if (!this.#untold.has(key)) this.#untold.set(key, known)
    for (const [key, known] of this.#untold) {
      await this.#tell(key, known)
      if (this.#untold.get(key) === known) this.#untold.delete(key)
    }
    const changed = new Set<string>()
    this.#changed = changed
    const reply = await fleet.runOver(circuitsScript, keys, [fleet.time])
    const open = new Map<string, SharedCircuit>()
    for (let at = 0; at < reply.length; at += 2) open.set(String(reply[at]), parsed(String(reply[at + 1])))
    for (const key of this.#known.keys()) if (!open.has(key)) open.set(key, { name: 'closed' })
    for (const [key, circuit] of open) if (!changed.has(key)) this.#adopt(key, circuit)
  }

  #hear(text: string): void {
    const [, member, circuit, key] = /^circuit (\S+) (\S+ \d+ \d+ \d+) (.*)$/s.exec(text) ?? []
    if (member === undefined || member === this.#fleet.member) return
    this.#adopt(key as string, parsed(circuit as string))
  }

  #adopt(key: string, circuit: SharedCircuit): void {
    this.#keep(key, { circuit, cause: circuit.name === 'isolated' ? 'hand' : 'outcome', at: this.#fleet.monotonic() })
    for (const listener of this.#listeners) listener(key, circuit)
  }

  #keep(key: string, known: Known): void {
    this.#changed.add(key)
    if (known.circuit.name === 'closed') this.#known.delete(key)
    else this.#known.set(key, known)
  }

  #renew(): void {
    const fleet = this.#fleet
    const now = fleet.monotonic()
    for (const [key, until] of this.#probes) if (now >= until) this.#probes.delete(key)
    const refresh = this.#known.size > 0 && now - this.#refreshedAt >= refreshMs
    if ((this.#probes.size === 0 && !refresh) || fleet.state !== 'shared') return
    this.#refreshedAt = now
    const args = [fleet.time, fleet.member, String(leaseMs), ...this.#probes.keys()]
    fleet.runOver(leaseScript, keys, args).catch(() => undefined)
  }
}

function parsed(text: string): SharedCircuit {
  const [name, remainingMs, retryAfterMs, failedProbes] = text.split(' ')
  if (name === 'closed' || name === 'isolated') return { name }
  return {
    name: 'open',
    remainingMs: Number(remainingMs),
    retryAfterMs: Number(retryAfterMs),
    failedProbes: Number(failedProbes),
  }
}
