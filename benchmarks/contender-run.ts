// One contender, one way of asking, one concurrency, in a process of its own.
import { contenders } from './contenders.ts'

const { NAME = '', MODE = 'whole', URL: baseURL = '', CONCURRENT = '1', SECONDS = '3' } = process.env
const create = contenders[NAME]
if (create === undefined) throw new Error(`There is no contender "${NAME}".`)
const contender = create(baseURL)
const ask = MODE === 'stream' ? contender.stream : contender.whole

const expected = await ask()
async function during(milliseconds: number): Promise<number> {
  const end = performance.now() + milliseconds
  let calls = 0
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      const length = await ask()
      if (length !== expected || length === 0) throw new Error(`${NAME} got ${length} characters, not ${expected}.`)
      calls++
    }
  }
  await Promise.all(Array.from({ length: Number(CONCURRENT) }, caller))
  return calls
}

await during(1_000)
const cpuBefore = process.cpuUsage()
const began = performance.now()
const calls = await during(Number(SECONDS) * 1_000)
const seconds = (performance.now() - began) / 1_000
const cpu = process.cpuUsage(cpuBefore)
console.log(JSON.stringify({ callsPerSecond: calls / seconds, cpuPerCall: (cpu.user + cpu.system) / calls }))
process.exit(0)
