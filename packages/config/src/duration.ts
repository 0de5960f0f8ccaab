const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** What a duration looks like in a configuration: `500ms`, `8s`, `1.5m`, `2h`, `90d`. */
export const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/** Milliseconds of a duration's text; `undefined` where it is none. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text)
  if (match === null) return undefined
  return Math.round(Number(match[1]) * units[match[2] as keyof typeof units])
}
