import type {
  AttemptEntry,
  BudgetCharge,
  LedgerStore,
  RequestEntry,
  SlabAsk,
  WindowState,
} from '../accounting/ledger-store.ts'
import type { Money } from '../money/money.ts'

/** What a check works with. */
export interface LedgerStoreBench {
  readonly store: LedgerStore
  /** A name for a budget or an entry that no check used before. */
  name(): string
  /** Ends a slab's lease, as if its owner had not been heard of for long enough. */
  expire(slab: string): Promise<void>
  /** Another process's way to the same store; the same where there is only one. */
  another(): LedgerStore
}

/** One thing that every ledger has to do. */
export interface LedgerStoreCheck {
  /** A sentence that is true of a good ledger. */
  readonly name: string
  /** @throws {Error} that says what was wrong. */
  run(bench: LedgerStoreBench): Promise<void>
}

/** Everything that budgets rely on, whatever keeps them. */
export const ledgerStoreChecks: readonly LedgerStoreCheck[] = [
  check('a window that nobody used stands at nothing, and several are told in the order asked', async bench => {
    const [first, second] = [bench.name(), bench.name()]
    await take(bench, { budget: second, window: 3_600_000, limit: 100n, least: 1n, most: 10n })
    const told = await bench.store.budgets([
      { budget: first, window: 0 },
      { budget: second, window: 3_600_000 },
      { budget: second, window: 0 },
    ])
    same(told, [
      { budget: first, window: 0, settled: 0n, reserved: 0n, charged: 0n },
      { budget: second, window: 3_600_000, settled: 0n, reserved: 10n, charged: 0n },
      { budget: second, window: 0, settled: 0n, reserved: 0n, charged: 0n },
    ])
    same(await bench.store.budgets([]), [])
  }),
  check('a slab is what was asked for, and reserved', async bench => {
    const ask = { budget: bench.name(), window: 0, limit: 1_000n, least: 5n, most: 100n }
    same((await take(bench, ask)).amount, 100n)
    await stands(bench, ask, { reserved: 100n })
  }),
  check('a slab is an eighth of what is left where more is asked for, but never less than the least', async bench => {
    const ask = { budget: bench.name(), window: 0, limit: 1_000n, least: 5n, most: 900n }
    same((await take(bench, ask)).amount, 125n)
    same((await take(bench, ask)).amount, 109n)
    same((await take(bench, { ...ask, least: 700n })).amount, 700n)
    await stands(bench, ask, { reserved: 934n })
  }),
  check('the very last of a limit can be taken, and then nothing', async bench => {
    const ask = { budget: bench.name(), window: 0, limit: 70n, least: 70n, most: 70n }
    await take(bench, ask)
    const refused = await bench.store.takeSlab({ ...ask, least: 1n, most: 1n })
    same(refused, {
      granted: false,
      state: { budget: ask.budget, window: 0, settled: 0n, reserved: 70n, charged: 0n },
    })
  }),
  check('amounts are exact far beyond what a float can say', async bench => {
    const much = 9_007_199_254_740_993n
    const ask = { budget: bench.name(), window: 1_793_491_200_000, limit: 2n ** 62n, least: much, most: much }
    const { slab, amount } = await take(bench, ask)
    same(amount, much)
    await charge(bench, { ...key(ask), amount: much - 1n, slabs: [{ slab, amount: much - 1n }] })
    await stands(bench, ask, { settled: much - 1n, reserved: 1n })
  }),
  check('the windows of a budget know nothing of each other, nor do budgets', async bench => {
    const ask = { budget: bench.name(), window: 0, limit: 10n, least: 10n, most: 10n }
    await take(bench, ask)
    await take(bench, { ...ask, window: 60_000 })
    await take(bench, { ...ask, budget: bench.name() })
    await stands(bench, ask, { reserved: 10n })
  }),
  check(
    'a limit that was lowered below what is used grants nothing, one that was raised the difference',
    async bench => {
      const ask = { budget: bench.name(), window: 0, limit: 100n, least: 50n, most: 50n }
      await take(bench, ask)
      same((await bench.store.takeSlab({ ...ask, limit: 20n, least: 1n })).granted, false)
      same((await take(bench, { ...ask, limit: 110n, least: 60n, most: 60n })).amount, 60n)
    },
  ),
  check('what an attempt used of its slab moves from reserved to settled', async bench => {
    const ask = { budget: bench.name(), window: 0, limit: 1_000n, least: 1n, most: 100n }
    const { slab } = await take(bench, ask)
    await charge(bench, { ...key(ask), amount: 30n, slabs: [{ slab, amount: 30n }] })
    await stands(bench, ask, { settled: 30n, reserved: 70n })
  }),
  check('what was not reserved is settled all the same', async bench => {
    const ask = { budget: bench.name(), window: 0, limit: 100n, least: 1n, most: 10n }
    const { slab } = await take(bench, ask)
    await charge(bench, { ...key(ask), amount: 130n, slabs: [{ slab, amount: 10n }] })
    await stands(bench, ask, { settled: 130n, reserved: 0n })
    const refused = await bench.store.takeSlab({ ...ask, least: 1n })
    same(refused.granted, false)
  }),
  check('one attempt uses up several slabs of several budgets, all in one record', async bench => {
    const ask = { budget: bench.name(), window: 0, limit: 1_000n, least: 1n, most: 20n }
    const other = { ...ask, budget: bench.name(), window: 86_400_000 }
    const [first, second, third] = [await take(bench, ask), await take(bench, ask), await take(bench, other)]
    const slabs = [
      { slab: first.slab, amount: 20n },
      { slab: second.slab, amount: 5n },
    ]
    const entry = attempt(bench, 25n)
    await bench.store.commit({
      attempt: entry,
      charges: [
        { ...key(ask), amount: 25n, slabs },
        { ...key(other), amount: 25n, slabs: [{ slab: third.slab, amount: 20n }] },
      ],
    })
    await stands(bench, ask, { settled: 25n, reserved: 15n })
    await stands(bench, other, { settled: 25n, reserved: 0n })
  }),
  check('a record that comes again is ignored, its charges with it, wherever it comes from', async bench => {
    const ask = { budget: bench.name(), window: 0, limit: 1_000n, least: 1n, most: 100n }
    const { slab } = await take(bench, ask)
    const entry = attempt(bench, 30n)
    const record = { attempt: entry, charges: [{ ...key(ask), amount: 30n, slabs: [{ slab, amount: 30n }] }] }
    await bench.store.commit(record)
    await bench.store.commit(record)
    await bench.another().commit(record)
    await Promise.all([bench.store.commit(record), bench.another().commit(record)])
    await stands(bench, ask, { settled: 30n, reserved: 70n })
  }),
  check('a request is recorded without an attempt, with one, and after one', async bench => {
    const budget = bench.name()
    const entry = attempt(bench, 3n)
    const charges = [{ budget, window: 0, amount: 3n, slabs: [] }]
    await bench.store.commit({ attempt: entry, charges })
    await bench.store.commit({ request: request(entry.callId), charges: [] })
    await bench.store.commit({ request: request(bench.name()), charges: [] })
    const together = attempt(bench, 3n)
    await bench.store.commit({ attempt: together, request: request(together.callId), charges })
    await bench.store.commit({ attempt: together, request: request(together.callId), charges })
    await stands(bench, { budget, window: 0 }, { settled: 6n })
  }),
  check('a closed slab gives back what it had left, once', async bench => {
    const ask = { budget: bench.name(), window: 0, limit: 1_000n, least: 1n, most: 100n }
    const { slab } = await take(bench, ask)
    await charge(bench, { ...key(ask), amount: 30n, slabs: [{ slab, amount: 30n }] })
    await bench.store.closeSlab(slab)
    await bench.store.closeSlab(slab)
    await bench.store.closeSlab(bench.name())
    await stands(bench, ask, { settled: 30n, reserved: 0n })
  }),
  check('an expired slab counts as charged, and is never given to others', async bench => {
    const ask = { budget: bench.name(), window: 0, limit: 100n, least: 80n, most: 80n }
    const { slab } = await take(bench, ask)
    await charge(bench, { ...key(ask), amount: 10n, slabs: [{ slab, amount: 10n }] })
    await bench.expire(slab)
    await bench.expire(slab)
    await stands(bench, ask, { settled: 10n, reserved: 0n, charged: 70n })
    same((await bench.store.takeSlab({ ...ask, least: 21n })).granted, false)
  }),
  check(
    'what is settled late moves from charged to settled, in its own window, and a late close gives back the rest',
    async bench => {
      const ask = { budget: bench.name(), window: 0, limit: 100n, least: 80n, most: 80n }
      const { slab } = await take(bench, ask)
      const next = { ...ask, window: 60_000 }
      const { slab: newer } = await take(bench, next)
      await bench.expire(slab)
      await charge(bench, { ...key(ask), amount: 50n, slabs: [{ slab, amount: 50n }] })
      await stands(bench, ask, { settled: 50n, charged: 30n })
      await bench.store.closeSlab(slab)
      await bench.store.closeSlab(slab)
      await stands(bench, ask, { settled: 50n, charged: 0n })
      await stands(bench, next, { reserved: 80n })
      await bench.store.closeSlab(newer)
      await stands(bench, next, { reserved: 0n })
    },
  ),
  check('takers at the same moment never have more than the limit together', async bench => {
    const ask = { budget: bench.name(), window: 0, limit: 1_000n, least: 7n, most: 90n }
    const other = bench.another()
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? bench.store : other).takeSlab(ask)),
    )
    const granted = answers.reduce((sum, answer) => sum + (answer.granted ? answer.amount : 0n), 0n)
    await stands(bench, ask, { reserved: granted })
    if (granted > 1_000n || granted <= 1_000n - 7n) throw new Error(`${granted} of 1000 were granted in slabs from 7.`)
    const slabs = new Set(answers.map(answer => (answer.granted ? answer.slab : undefined)))
    const count = answers.filter(answer => answer.granted).length
    same(slabs.size, count === answers.length ? count : count + 1)
  }),
  check('a threshold is crossed once, by one of many, in each window', async bench => {
    const key = { budget: bench.name(), window: 0 }
    const other = bench.another()
    const told = await Promise.all(
      Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? bench.store : other).alertOnce(key, '0.8')),
    )
    same(told.filter(Boolean).length, 1)
    same(await bench.store.alertOnce(key, '0.8'), false)
    same(await bench.store.alertOnce(key, '1'), true)
    same(await bench.store.alertOnce({ ...key, window: 60_000 }, '0.8'), true)
  }),
]

function check(name: string, run: (bench: LedgerStoreBench) => Promise<void>): LedgerStoreCheck {
  return { name, run }
}

async function take({ store }: LedgerStoreBench, ask: SlabAsk): Promise<{ slab: string; amount: Money }> {
  const answer = await store.takeSlab(ask)
  if (!answer.granted) throw new Error(`Refused ${text(ask)}, though it stands at ${text(answer.state)}.`)
  return answer
}

async function charge(bench: LedgerStoreBench, charge: BudgetCharge): Promise<void> {
  await bench.store.commit({ attempt: attempt(bench, charge.amount), charges: [charge] })
}

async function stands(
  { store }: LedgerStoreBench,
  window: { readonly budget: string; readonly window: number },
  state: Partial<WindowState>,
): Promise<void> {
  const [told] = await store.budgets([key(window)])
  same(told, { settled: 0n, reserved: 0n, charged: 0n, ...state, ...key(window) })
}

function key({ budget, window }: { readonly budget: string; readonly window: number }) {
  return { budget, window }
}

function attempt(bench: LedgerStoreBench, cost: Money): AttemptEntry {
  return {
    id: bench.name(),
    callId: bench.name(),
    requestId: 'request',
    at: 1_793_491_200_000,
    chain: 'chain',
    chains: ['chain'],
    operation: 'message',
    tags: [],
    outcome: 'completed',
    latencyMs: 12.5,
    provider: 'lab',
    model: 'tiny',
    target: 'lab/tiny',
    attempt: 1,
    cost,
    costIs: 'bill',
  }
}

function request(id: string): RequestEntry {
  return {
    id,
    requestId: 'request',
    at: 1_793_491_200_000,
    chain: 'chain',
    operation: 'message',
    tags: ['a', 'b'],
    outcome: 'completed',
    latencyMs: 12.5,
    attempts: 1,
  }
}

function same(actual: unknown, expected: unknown): void {
  if (text(actual) !== text(expected)) throw new Error(`It is ${text(actual)}, and should be ${text(expected)}.`)
}

// without regard to the order of names
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`
  if (typeof value !== 'object' || value === null)
    return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value)
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${fields.map(([name, field]) => `${name}: ${text(field)}`).join(', ')}}`
}
