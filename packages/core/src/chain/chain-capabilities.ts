import {
  type Capability,
  capabilityNames,
  type ModelCapabilities,
  modelCapabilities,
} from '../contract/capabilities.ts'

/** What a chain can be relied on for, and what it may be able to do. */
export interface ChainCapabilities {
  /** What every target can do. */
  readonly guaranteed: ModelCapabilities
  /** What at least one target can do. */
  readonly possible: ModelCapabilities
}

/** Joins the capabilities of a chain's targets. */
export function chainCapabilities(targets: readonly ModelCapabilities[]): ChainCapabilities {
  return {
    guaranteed: join(targets, every, Math.min),
    possible: join(targets, some, Math.max),
  }
}

function join(
  targets: readonly ModelCapabilities[],
  quantify: (values: readonly Capability[]) => Capability,
  choose: (...values: number[]) => number,
): ModelCapabilities {
  const known: Partial<Record<keyof ModelCapabilities, Capability | number | string>> = {}
  for (const name of capabilityNames) known[name] = quantify(targets.map(target => target[name]))
  for (const name of ['contextWindow', 'maxOutputTokens', 'silentReasoningMs'] as const) {
    const values = targets.map(target => target[name])
    if (values.every(value => value !== undefined)) known[name] = choose(...values)
  }
  const dialect = targets[0]?.dialect
  if (dialect !== undefined && targets.every(target => target.dialect === dialect)) known.dialect = dialect
  return modelCapabilities(known as Partial<ModelCapabilities>)
}

function every(values: readonly Capability[]): Capability {
  if (values.includes(false)) return false
  return values.includes('unknown') ? 'unknown' : true
}

function some(values: readonly Capability[]): Capability {
  if (values.includes(true)) return true
  return values.includes('unknown') ? 'unknown' : false
}
