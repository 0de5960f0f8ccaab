import { formatMoney, type Money } from '@switchyard/core'

// for people; JSON and CSV are exact

const cents = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const small = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2, maximumFractionDigits: 12 })
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })
const percent = new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** To a cent, or to two digits where it is less than ten cents: `1,234.50 USD`, `0.0042 USD`. */
export function roundedMoney(amount: Money): string {
  return `${roundedDollars(amount)} USD`
}

/** The same without the currency. */
export function roundedDollars(amount: Money): string {
  if (amount === 0n) return '0'
  const exact = formatMoney(amount).replace(/ USD$/, '') as `${number}`
  return (amount < 100_000_000_000n ? small : cents).format(exact)
}

/** `1,234`. */
export function roundedCount(count: number): string {
  return whole.format(count)
}

/** `1.2M`. */
export function roundedTokens(tokens: number): string {
  return compact.format(tokens)
}

/** `4.1%`. */
export function roundedShare(share: number | undefined): string {
  return share === undefined ? '' : percent.format(share)
}

/** `850 ms`, `2.1 s`, `3.5 min`. */
export function roundedDuration(ms: number | undefined): string {
  if (ms === undefined) return ''
  if (ms < 1_000) return `${whole.format(ms)} ms`
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`
}
