import type { ChainConfig } from './schema.ts'

/** The lists of a chain that name targets. */
export const targetLists = ['targets', 'onContextLength', 'onContentFilter'] as const
export type TargetList = (typeof targetLists)[number]

/** Every target of a chain, of whichever list, as a section and with the place where it stands. */
export function everyTarget(chain: ChainConfig): readonly PlacedTarget[] {
  return targetLists.flatMap(list =>
    (chain[list] ?? []).map((written, at) => ({ list, at, target: targetSection(written) })),
  )
}

interface PlacedTarget {
  readonly list: TargetList
  readonly at: number
  readonly target: TargetSection
}

export type TargetSection = Exclude<ChainConfig['targets'][number], string>

/** A target as a section, whichever way it was written. */
export function targetSection(target: ChainConfig['targets'][number]): TargetSection {
  return typeof target === 'string' ? { model: target } : target
}
