import { type LedgerRecord, type Money, type SlabAsk, SwitchyardError } from '@switchyard/core'

// the most that a 64-bit column holds
const mostMoney = 2n ** 63n - 1n

/** Throws `invalid-request` for what no database could keep, before it meets others in a batch. */
export function checkRecord({ attempt, request, charges }: LedgerRecord): void {
  if (attempt === undefined && request === undefined)
    throw invalid('A record needs an attempt or a request: by its id it is told apart.')
  if (attempt !== undefined) checkMoney('attempt.cost', attempt.cost)
  if (attempt?.estimate !== undefined) checkMoney('attempt.estimate', attempt.estimate)
  for (const [index, { amount, window, slabs }] of charges.entries()) {
    checkMoney(`charges[${index}].amount`, amount)
    checkWindow(`charges[${index}].window`, window)
    for (const slab of slabs) checkMoney(`charges[${index}].slabs: ${slab.slab}`, slab.amount)
  }
}

/** Throws `invalid-request` for a slab that nobody can grant. */
export function checkAsk({ window, limit, least, most }: SlabAsk): void {
  checkWindow('window', window)
  for (const [name, amount] of Object.entries({ limit, least, most })) checkMoney(name, amount)
}

function checkMoney(place: string, amount: Money): void {
  if (amount >= 0n && amount <= mostMoney) return
  throw invalid(`${place} must be from 0 to ${mostMoney} pico-USD, and is ${amount}.`)
}

function checkWindow(place: string, window: number): void {
  if (!Number.isSafeInteger(window)) throw invalid(`${place} must be whole milliseconds, and is ${window}.`)
}

function invalid(message: string): SwitchyardError {
  return new SwitchyardError('invalid-request', `The ledger refuses what it was given: ${message}`, { code: 'ledger' })
}
