/** The most that any window of `windowMs` holds, the window's end included. */
export function mostInAnyWindow(
  events: readonly { readonly at: number; readonly amount: number }[],
  windowMs: number,
): number {
  const sorted = [...events].sort((a, b) => a.at - b.at)
  let first = 0
  let sum = 0
  let most = 0
  for (const { at, amount } of sorted) {
    sum += amount
    while ((sorted[first]?.at ?? at) <= at - windowMs) sum -= sorted[first++]?.amount ?? 0
    most = Math.max(most, sum)
  }
  return most
}
