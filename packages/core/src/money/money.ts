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
  if (amount === 0n) return '0 USD'
  const digits = (amount < 0n ? -amount : amount).toString()
  const sign = amount < 0n ? '-' : ''
  const point = digits.length - decimals
  let end = digits.length
  while (digits[end - 1] === '0') end--
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits.slice(0, end)} USD`
  return `${sign}${digits.slice(0, point)}${end > point ? `.${digits.slice(point, end)}` : ''} USD`
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
