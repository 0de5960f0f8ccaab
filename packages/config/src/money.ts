/** What an amount looks like in a configuration: `10 USD`, `0.25 USD`. */
export const moneyPattern = /^(\d+)(?:\.(\d{1,12}))? USD$/

/** Pico-USD of an amount's text; `undefined` where it is none. */
export function parseMoney(text: string): bigint | undefined {
  const match = moneyPattern.exec(text)
  if (match === null) return undefined
  return BigInt(match[1] as string) * 1_000_000_000_000n + BigInt((match[2] ?? '').padEnd(12, '0'))
}
