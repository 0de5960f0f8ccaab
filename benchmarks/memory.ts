// A hundred thousand calls through a chain over real HTTP: the heap after a collection must not grow.
import { contenders } from './contenders.ts'
import { start, stop } from './processes.ts'

const calls = Number(process.env.CALLS ?? 100_000)
if (globalThis.gc === undefined) throw new Error('Run it with `node --expose-gc memory.ts`.')
const { child, said } = await start('./upstream.ts', { WORDS: '5' })
const contender = contenders['switchyard chain, openai-compatible']?.(said.url)
if (contender === undefined) throw new Error('The contender is gone.')

const heaps: Record<string, { 'heap, MB': number; 'resident, MB': number }> = {}
const portion = calls / 10
for (let made = 0; made <= calls; made += portion) {
  globalThis.gc()
  const { heapUsed, rss } = process.memoryUsage()
  heaps[`${made} calls`] = { 'heap, MB': megabytes(heapUsed), 'resident, MB': megabytes(rss) }
  if (made === calls) break
  let left = portion
  const caller = async (): Promise<void> => {
    while (left-- > 0) await (left % 2 === 0 ? contender.whole() : contender.stream())
  }
  await Promise.all(Array.from({ length: 32 }, caller))
}
console.table(heaps)
await stop(child)
process.exit(0)

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10
}
