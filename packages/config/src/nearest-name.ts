import { distance } from 'fastest-levenshtein'

/** The name that was probably meant, where one is near enough to be a slip of the fingers. */
export function nearestName(typed: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined
  // a third of the letters may be wrong, two at the least
  let limit = Math.max(2, Math.floor(typed.length / 3)) + 1
  for (const name of known) {
    const edits = distance(typed.toLowerCase(), name.toLowerCase())
    if (edits < limit) {
      limit = edits
      nearest = name
    }
  }
  return nearest
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(typed: string, known: Iterable<string>): string {
  const nearest = nearestName(typed, known)
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`
}
