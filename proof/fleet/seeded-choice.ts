import { createHash } from 'node:crypto'

/** Numbers from 0 to 1 that follow from the words alone: the same in every process and every run. */
export function seededRandom(...words: readonly (string | number)[]): () => number {
  let state = createHash('sha256').update(words.join('/')).digest().readUInt32LE(0)
  // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One of the choices, each as often as its weight says. */
export function weighted<Choice>(random: () => number, choices: readonly (readonly [number, Choice])[]): Choice {
  let left = random() * choices.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, choice] of choices) {
    left -= weight
    if (left < 0) return choice
  }
  return (choices.at(-1) as readonly [number, Choice])[1]
}

/** A whole number from `least` to `most`. */
export function between(random: () => number, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1))
}
