import type { PlantedDefect } from './planted-defects.ts'

const accounting = 'packages/core/src/accounting'
const limits = 'packages/core/src/limits'
const engine = 'packages/core/src/engine'

/** Of money and limits. */
export const moneyDefects: readonly Omit<PlantedDefect, 'simulation'>[] = [
  {
    name: 'refund on abort',
    says: 'An attempt that its caller aborted is settled at nothing.',
    file: `${accounting}/settled-cost.ts`,
    find: "if (outcome.bill === 'nothing') return",
    put: "if (outcome.bill === 'nothing' || outcome.type === 'cancelled') return",
  },
  {
    name: 'double settle',
    says: 'A record that comes twice is charged twice.',
    file: `${accounting}/memory-ledger.ts`,
    find: 'this.#recorded.add(recorded)',
    put: '',
  },
  {
    name: 'a permit settled twice',
    says: 'What ends an attempt that has ended, as a caller who leaves at the last moment, settles it again.',
    file: `${engine}/admission.ts`,
    find: 'if (this.#settled) return\n    this.#settled = true',
    put: 'this.#settled = true',
  },
  {
    name: 'expiry releases',
    says: 'What is left of a slab whose owner was not heard of may be reserved by others.',
    file: `${accounting}/memory-ledger.ts`,
    find: 'row.account.charged += row.remaining',
    put: '',
  },
  {
    name: 'an expired slab settles as reserved',
    says: 'What is settled late from an expired slab is taken from what others reserved.',
    file: `${accounting}/memory-ledger.ts`,
    find: "row.account[row.expired ? 'charged' : 'reserved'] -= used",
    put: 'row.account.reserved -= used',
  },
  {
    name: 'refund after its window',
    says: 'What an attempt of the last window did not use is free in the new one.',
    file: `${accounting}/budget-account.ts`,
    find: 'hold.slabs.release(hold)\n',
    put: `hold.slabs.release(hold)
    const present = this.#windowAt(this.#ports.clock.wall())
    if (present !== hold.slabs) for (const slab of hold.slabs.takeOut()) present.add(slab)
`,
  },
  {
    name: 'settled in the new window',
    says: 'An attempt is charged to the window in which it ends.',
    file: `${accounting}/budget-account.ts`,
    find: 'const charge = hold.slabs.use(hold, cost)\n',
    put: 'const charge = this.#windowAt(this.#ports.clock.wall()).use(hold, cost)\n',
  },
  {
    name: 'a soft budget in the new window',
    says: 'What reserves nothing is charged to the window in which it ends.',
    file: `${accounting}/attempt-account.ts`,
    find: 'window: windowAt(this.#at).startsAt',
    put: 'window: windowAt(this.#ports.clock.wall()).startsAt',
  },
  {
    name: 'a day of 24 hours',
    says: 'A window ends after its hours, whatever was done to the clocks.',
    file: `${accounting}/budget-window.ts`,
    find: 'endsAt: this.#dayStart(nextDay)',
    put: 'endsAt: this.#dayStart(firstDay) + (nextDay - firstDay) * dayMs',
  },
  {
    name: 'the day of UTC',
    says: 'A day begins at midnight of Greenwich.',
    file: `${accounting}/budget-window.ts`,
    find: 'const midnight = day * dayMs\n',
    put: 'const midnight = day * dayMs\n    if (midnight > 0) return midnight\n',
  },
  {
    name: 'check, await, then reserve',
    says: 'Between looking whether there is room and taking it, others take it too.',
    file: `${accounting}/budget-book.ts`,
    find: 'return new Reservation(accounts, bound, at)',
    put: 'return this.#clock.turn().then(() => new Reservation(accounts, bound, at))',
  },
  {
    name: 'finish shown before the commit',
    says: 'The end of an answer is shown while the ledger still writes.',
    file: `${engine}/settlement.ts`,
    find: 'if (pending === undefined) end(',
    put: 'for (const each of pending ?? []) each.catch(() => undefined)\n  if (pending === undefined || pending.length > 0) end(',
  },
  {
    name: 'one budget of two',
    says: 'An attempt reserves in one of its budgets while it stands in the line of the other.',
    file: `${accounting}/budget-book.ts`,
    find: 'else short.enter(attempt)',
    put: `else {
      for (const account of accounts) if (account !== short && account.freeAt(at) >= attempt.bound) account.hold(attempt.bound)
      short.enter(attempt)
    }`,
  },
  {
    name: 'leaked by an abort in the line',
    says: 'A caller who leaves while he waits keeps his place, and is given what nobody will give back.',
    file: `${accounting}/waiting-attempt.ts`,
    find: 'readonly #leave = (): void => this.refuse(',
    put: 'readonly #leave = (): void => this.#reject(',
  },
  {
    name: 'leaked by a later refusal',
    says: 'A step after the accounts refuses, and the reservation stays.',
    file: `${accounting}/attempt-account.ts`,
    find: "if (outcome.type === 'withdrawn') {\n      this.#reservation?.release()",
    put: "if (outcome.type === 'withdrawn') {",
  },
  {
    name: 'commit failure frees the reservation',
    says: 'What could not be recorded may be reserved again.',
    file: `${accounting}/attempt-account.ts`,
    find: '.then(() => {\n      this.#reservation?.release()',
    put: '.finally(() => this.#reservation?.release()).then(() => {',
  },
  {
    name: 'unknown bill settled at the estimate',
    says: 'An attempt whose bill nobody knows is charged at a guess.',
    file: `${accounting}/settled-cost.ts`,
    find: "return { cost: bound, costIs: 'bound'",
    put: "return { cost: guessed ?? bound, costIs: 'bound'",
  },
  {
    name: 'a cut answer is free',
    says: 'An answer that broke off is taken for one that the provider refused.',
    file: `${engine}/settlement.ts`,
    find: "const refused = progress === 'sent' &&",
    put: "const refused = error.kind === 'network' || progress === 'sent' &&",
  },
  {
    name: 'bound without the defaults',
    says: "The bound leaves out what the target's defaults add to the request.",
    file: `${engine}/attempt-info.ts`,
    find: 'this.request = request\n',
    put: 'this.request = target.defaults === undefined ? request : ({ ...request, maxOutputTokens: undefined } as never)\n',
  },
  {
    name: 'retry not reserved again',
    says: "A target's second attempt runs on the reservation of its first.",
    file: `${accounting}/accounting.ts`,
    find: "if (info.nested || info.operation === 'count-tokens')",
    put: "if (info.nested || info.attempt > 1 || info.operation === 'count-tokens')",
  },
  {
    name: 'a slab beyond what is left',
    says: 'The store grants the least that is asked for, whether or not it is there.',
    file: `${accounting}/slab-amount.ts`,
    find: 'if (least > left) return undefined',
    put: '',
  },
  {
    name: 'a slab closed under a reservation',
    says: 'A process that ends, or a window that does, gives back what attempts still hold.',
    file: `${accounting}/window-slabs.ts`,
    find: 'slab.holders === 0 && which(slab)',
    put: 'which(slab)',
  },
  {
    name: 'alerts told by every process',
    says: 'Nobody remembers that a threshold was told.',
    file: `${accounting}/memory-ledger.ts`,
    find: 'alerted.add(threshold)',
    put: '',
  },
  {
    name: 'a timer is left',
    says: 'What watches for slabs that nobody uses goes on after the accounts are closed.',
    file: `${accounting}/budget-account.ts`,
    find: 'this.#idle?.cancel()\n',
    put: '',
  },
  {
    name: 'nobody asks again',
    says: 'Who waits for what other processes hold is not told when they have settled.',
    file: `${accounting}/budget-account.ts`,
    find: 'this.#poll = this.#ports.clock.timer(pollMs, () => this.hurry())',
    put: '',
  },
  {
    name: 'correction in the wrong bucket',
    says: 'What an attempt did not use of a limit is given back in the second in which it ends.',
    file: `${limits}/memory-limits.ts`,
    find: '.correct(at, by)',
    put: '.correct(this.#clock.monotonic(), by)',
  },
  {
    name: 'one more than the limit',
    says: 'An attempt passes as long as the limit is not passed before it.',
    file: `${limits}/memory-limits.ts`,
    find: 'if (window.sum + ask.amount <= ask.limit) continue',
    put: 'if (window.sum <= ask.limit) continue',
  },
  {
    name: 'a window of a minute, sharp',
    says: 'A bucket leaves as soon as its first moment is a minute old.',
    file: `${limits}/rolling-window.ts`,
    find: 'const buckets = 61\n',
    put: 'const buckets = 59\n',
  },
]
