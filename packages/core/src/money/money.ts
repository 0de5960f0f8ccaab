/** An amount in pico-USD: 1 USD is 1_000_000_000_000n. Always exact; add with `+`. */
export type Money = bigint

const picoPerDollar = 1_000_000_000_000n
const decimals = 12

/** What an amount looks like as text: `10 USD`, `0.25 USD`. */
export const moneyPattern = /^(\d+)(?:\.(\d{1,12}))? USD$/

/** Pico-USD of an amount's text; `undefined` where it is none. */
export function parseMoney(text: string): Money | undefined {
  const match = moneyPattern.exec(text)
  if (match === null) return undefined
  return BigInt(match[1] as string) * picoPerDollar + BigInt((match[2] ?? '').padEnd(decimals, '0'))
}

/** An amount as text, exact and without trailing zeros: `0.25 USD`. */
export function formatMoney(amount: Money): string {
  const size = amount < 0n ? -amount : amount
  const digits = size.toString().padStart(decimals + 1, '0')
  let end = digits.length
  const point = end - decimals
  while (end > point && digits[end - 1] === '0') end--
  const fraction = end === point ? '' : `.${digits.slice(point, end)}`
  return `${amount < 0n ? '-' : ''}${digits.slice(0, point)}${fraction} USD`
}

/** The sum; nothing is 0. */
export function addMoney(...amounts: readonly Money[]): Money {
  return amounts.reduce((total, amount) => total + amount, 0n)
}

/** The lesser of two amounts. */
export function lesserMoney(one: Money, other: Money): Money {
  if (one < other) return one
  return other
}

/** The greater of two amounts. */
export function greaterMoney(one: Money, other: Money): Money {
  if (one > other) return one
  return other
}
