import type { LimitAnswer, LimitAsk, LimitStore } from '../limits/limit-store.ts'

/** What a check of a limit store works with: a store that has counted nothing yet, in time that it can move. */
export interface LimitStoreBench {
  readonly store: LimitStore
  /** The store's own milliseconds: what `at` would be of something taken now. */
  now(): number | Promise<number>
  /** Moves the store's time on. */
  advance(ms: number): void | Promise<void>
}

/** One thing that every `LimitStore` has to do. Give each its own bench, or its own keys. */
export interface LimitStoreCheck {
  /** A sentence that is true of a good store. */
  readonly name: string
  /** @throws {Error} that says what was wrong. */
  run(bench: LimitStoreBench): Promise<void>
}

const minute = 60_000
const day = 86_400_000

function ask(amount: number, limit = 100, windowMs = minute, key = `k:${windowMs}`): LimitAsk {
  return { key, limit, windowMs, amount }
}

/** Everything that every `LimitStore` has to do. */
export const limitStoreChecks: readonly LimitStoreCheck[] = [
  {
    name: 'takes up to the limit and not one more',
    async run({ store }) {
      await taken(store, ask(99))
      same(await store.left(ask(0)), 1, 'left')
      await taken(store, ask(1))
      same(await store.left(ask(0)), 0, 'left')
      await refused(store, ask(1))
      same(await store.left(ask(0)), 0, 'left after a refusal')
    },
  },
  {
    name: 'takes of all limits or of none, and names the one that is in the way longest',
    async run({ store, advance }) {
      const [early, late] = [ask(100, 100, minute, 'early'), ask(100, 100, minute, 'late')]
      await taken(store, early)
      await advance(5_000)
      await taken(store, late)
      const free = ask(10, 100, minute, 'free')
      same((await refused(store, free, early, late)).key, 'late', 'the key in the way')
      same((await refused(store, late, early, free)).key, 'late', 'the key in the way')
      same((await refused(store, early, free)).key, 'early', 'the key in the way')
      same(await store.left(free), 100, 'left of the limit that was not in the way')
    },
  },
  {
    name: 'says that what is larger than a limit never fits, and takes nothing',
    async run({ store }) {
      const full = ask(100, 100, minute, 'full')
      await taken(store, full)
      const never = await refused(store, full, ask(101))
      same(never.key, ask(0).key, 'the key in the way')
      same(never.retryAfterMs, undefined, 'retryAfterMs')
      same(await store.left(ask(0)), 100, 'left')
    },
  },
  {
    name: 'frees a bucket 61 sixtieths after it began, and says to the millisecond when',
    async run(bench) {
      for (const windowMs of [minute, day]) {
        const full = ask(100, 100, windowMs)
        const at = await taken(bench.store, full)
        const sixtieth = windowMs / 60
        await bench.advance(sixtieth * 1.4)
        const now = await bench.now()
        const leaves = (Math.floor(at / sixtieth) + 61) * sixtieth
        const { retryAfterMs } = await refused(bench.store, ask(1, 100, windowMs))
        const wanted = Math.ceil(leaves - now)
        // real time may pass between two questions
        if (retryAfterMs === undefined || retryAfterMs > wanted + 5 || retryAfterMs < wanted - 2_000) {
          throw new Error(`retryAfterMs is ${retryAfterMs}, expected ${wanted}`)
        }
        await bench.advance(retryAfterMs - sixtieth / 2)
        await refused(bench.store, full)
        await bench.advance(sixtieth / 2)
        await taken(bench.store, full)
      }
    },
  },
  {
    name: 'waits for as many buckets as it takes to fit',
    async run({ store, advance, now }) {
      const at: number[] = []
      for (let bucket = 0; bucket < 4; bucket++) {
        at.push(await taken(store, ask(25)))
        await advance(2_000)
      }
      const until = async (amount: number): Promise<number> => {
        const { retryAfterMs = Number.NaN } = await refused(store, ask(amount))
        return Math.floor(((await now()) + retryAfterMs) / 1_000)
      }
      for (const [amount, bucket] of [
        [1, 0],
        [25, 0],
        [26, 1],
        [75, 2],
        [100, 3],
      ] as const) {
        same(await until(amount), Math.floor((at[bucket] as number) / 1_000) + 61, `the second in which ${amount} fit`)
      }
    },
  },
  {
    name: 'corrects the bucket that it was counted in, down and up, above the limit too',
    async run({ store, advance }) {
      const at = await taken(store, ask(60))
      await advance(30_000)
      const later = await taken(store, ask(40))
      await store.correct([{ ...ask(0), at, by: -50 }])
      same(await store.left(ask(0)), 50, 'left')
      await store.correct([{ ...ask(0), at: later, by: 100 }])
      same(await store.left(ask(0)), 0, 'left of a limit that was passed')
      await refused(store, ask(1))
      await advance(31_000)
      await refused(store, ask(1))
      await advance(30_000)
      same(await store.left(ask(0)), 100, 'left when both buckets have left')
    },
  },
  {
    name: 'lets no bucket fall below nothing',
    async run({ store, advance }) {
      const at = await taken(store, ask(10))
      await advance(10_000)
      await taken(store, ask(50))
      await store.correct([{ ...ask(0), at, by: -1_000 }])
      same(await store.left(ask(0)), 50, 'left')
    },
  },
  {
    name: 'ignores corrections of buckets that have left, and of counters that nobody knows',
    async run({ store, advance }) {
      const at = await taken(store, ask(10))
      await advance(62_000)
      await taken(store, ask(30))
      await store.correct([
        { ...ask(0), at, by: 60 },
        { ...ask(0), at, by: -60 },
        { ...ask(0, 100, minute, 'unknown'), at, by: -5 },
      ])
      same(await store.left(ask(0)), 70, 'left')
      same(await store.left(ask(0, 100, minute, 'unknown')), 100, 'left of an unknown counter')
    },
  },
  {
    name: 'moves what was counted into a later bucket, which nobody has counted in yet',
    async run({ store, advance }) {
      const at = await taken(store, ask(60))
      await advance(30_000)
      await store.correct([
        { ...ask(0), at, by: -60 },
        { ...ask(0), at: at + 30_000, by: 60 },
      ])
      same(await store.left(ask(0)), 40, 'left')
      await advance(32_000)
      same(await store.left(ask(0)), 40, 'left when the first bucket has gone')
      await advance(30_000)
      same(await store.left(ask(0)), 100, 'left when the later bucket has gone')
    },
  },
  {
    name: 'counts minutes and days of one take apart, corrections too',
    async run({ store, advance }) {
      const both = [ask(40, 100, minute), ask(40, 100, day)]
      const at = await taken(store, ...both)
      await store.correct(both.map(limit => ({ ...limit, at, by: -10 })))
      await advance(61_000)
      same(await store.left(ask(0, 100, minute)), 100, 'left of the minute')
      same(await store.left(ask(0, 100, day)), 70, 'left of the day')
      await store.correct([{ ...ask(0, 100, day), at, by: -30 }])
      same(await store.left(ask(0, 100, day)), 100, 'left of the day')
    },
  },
  {
    name: 'holds each ask to the limit that comes with it, over one counter',
    async run({ store }) {
      await taken(store, ask(60, 100))
      await refused(store, ask(10, 50))
      same(await store.left(ask(0, 50)), 0, 'left of the smaller limit')
      await taken(store, ask(100, 200))
    },
  },
  {
    name: 'grants callers that come together no more than one after the other',
    async run({ store }) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => store.take([ask(3), ask(1, 1_000, day)])))
      same(answers.filter(answer => answer.taken).length, 33, 'how many were granted')
      same(await store.left(ask(0)), 1, 'left')
      same(await store.left(ask(0, 1_000, day)), 967, 'left of the other limit')
    },
  },
  {
    name: 'agrees with a plain count of what was taken, over two thousand steps',
    run: bench => agreesWithPlainCount(bench, 2_000),
  },
]

async function agreesWithPlainCount({ store, advance, now }: LimitStoreBench, steps: number): Promise<void> {
  const kept: { key: string; windowMs: number; at: number; counted: number }[] = []
  const draw = chance(20_261_121)
  const held = (key: string, windowMs: number, time: number): number => {
    const bucketMs = windowMs / 60
    const oldest = Math.floor(time / bucketMs) - 60
    const inside = kept.filter(entry => entry.key === key && Math.floor(entry.at / bucketMs) >= oldest)
    return inside.reduce((sum, { counted }) => sum + counted, 0)
  }
  for (let step = 0; step < steps; step++) {
    const limits = [ask(0, 100, minute, 'a'), ask(0, 300, day, 'b')].filter(() => draw() < 0.7)
    const what = draw()
    if (what < 0.45) {
      const asks = limits.map(limit => ({ ...limit, amount: Math.floor(draw() * 60) }))
      const answer = await store.take(asks)
      const time = answer.taken ? answer.at : await now()
      const fits = asks.every(({ key, windowMs, amount, limit }) => held(key, windowMs, time) + amount <= limit)
      same(answer.taken, fits, `step ${step}: whether ${JSON.stringify(asks)} were granted`)
      // one entry a take: a bucket is corrected as a whole, so what two takes share is one entry
      if (answer.taken) for (const { key, windowMs, amount } of asks) note(kept, key, windowMs, time, amount)
    } else if (what < 0.7 && kept.length > 0) {
      const entry = kept[Math.floor(draw() * kept.length)] as (typeof kept)[number]
      const by = Math.floor(draw() * 80) - 60
      await store.correct([{ key: entry.key, windowMs: entry.windowMs, limit: 100, at: entry.at, by }])
      entry.counted = Math.max(0, entry.counted + by)
    } else if (what < 0.9) {
      await advance(draw() < 0.1 ? draw() * 2 * minute : draw() * 3_000)
    } else {
      const time = await now()
      for (const { key, windowMs, limit } of limits) {
        const left = Math.max(0, limit - held(key, windowMs, time))
        same(await store.left({ key, windowMs, limit }), left, `step ${step}: left of ${key}`)
      }
    }
  }
}

function note(
  kept: { key: string; windowMs: number; at: number; counted: number }[],
  key: string,
  windowMs: number,
  at: number,
  amount: number,
): void {
  const bucket = (time: number): number => Math.floor(time / (windowMs / 60))
  const entry = kept.find(other => other.key === key && bucket(other.at) === bucket(at))
  if (entry === undefined) kept.push({ key, windowMs, at, counted: amount })
  else entry.counted += amount
}

async function taken(store: LimitStore, ...asks: readonly LimitAsk[]): Promise<number> {
  const answer = await store.take(asks)
  if (!answer.taken) throw new Error(`${JSON.stringify(asks)} were refused: ${JSON.stringify(answer)}`)
  return answer.at
}

async function refused(
  store: LimitStore,
  ...asks: readonly LimitAsk[]
): Promise<Extract<LimitAnswer, { taken: false }>> {
  const answer = await store.take(asks)
  if (answer.taken) throw new Error(`${JSON.stringify(asks)} were granted, and must not be`)
  return answer
}

function same<Value>(value: Value, expected: Value, what: string): void {
  if (value !== expected) throw new Error(`${what}: ${String(value)}, expected ${String(expected)}`)
}

// the same steps in every run
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
