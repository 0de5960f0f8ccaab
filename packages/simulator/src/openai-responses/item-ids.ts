/** The id of the n-th item of an answer; it tells of one that follows reasoning. */
export function itemId(kind: 'msg' | 'fc' | 'rs', seed: string, index: number, afterReasoning: boolean): string {
  return `${kind}_${seed}${afterReasoning ? 'r' : '0'}${index}`
}

/** The id of the reasoning that an item of one of our answers followed, by its own id. */
export function neededReasoning(id: unknown): string | undefined {
  const [, seed, index] = /^(?:msg|fc)_([0-9a-f]{20})r(\d+)$/.exec(String(id)) ?? []
  return seed === undefined ? undefined : itemId('rs', seed, Number(index) - 1, false)
}
