// Calls over real HTTP: what each way of asking a model costs beside the bare SDK.
import { contenders } from './contenders.ts'
import { median, type Said, start, stop } from './processes.ts'

const rounds = Number(process.env.ROUNDS ?? 3)
const bare = 'openai SDK, bare'

for (const [mode, words] of [
  ['whole', 20],
  ['stream', 20],
  ['stream', 200],
] as const) {
  const { child, said } = await start('./upstream.ts', { WORDS: String(words) })
  for (const concurrent of [1, 64]) {
    const runs = new Map<string, Said[]>(Object.keys(contenders).map(name => [name, []]))
    for (let round = 0; round < rounds; round++) {
      for (const [name, results] of runs) {
        const env = { NAME: name, MODE: mode, URL: said.url, CONCURRENT: String(concurrent) }
        results.push((await start('./contender-run.ts', env)).said)
      }
    }
    const figure = (name: string, key: string): number => median((runs.get(name) ?? []).map(run => run[key] as number))
    console.log(`\n${mode === 'whole' ? 'whole answers' : 'streams'} of ${words} words, ${concurrent} at once`)
    console.table(
      Object.fromEntries(
        [...runs.keys()].map(name => [
          name,
          {
            'calls/s': Math.round(figure(name, 'callsPerSecond')),
            '× bare SDK': ratio(figure(name, 'callsPerSecond'), figure(bare, 'callsPerSecond')),
            'CPU µs/call': Math.round(figure(name, 'cpuPerCall')),
            'CPU × bare SDK': ratio(figure(name, 'cpuPerCall'), figure(bare, 'cpuPerCall')),
          },
        ]),
      ),
    )
  }
  await stop(child)
}

function ratio(value: number, base: number): number {
  return Math.round((value / base) * 100) / 100
}
