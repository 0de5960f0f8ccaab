// A chain, an outage, and the answers going on: thirty seconds, in the terminal.
import { setTimeout as pause } from 'node:timers/promises'
import { styleText } from 'node:util'
import type { Fault } from '@switchyard/simulator'
import { createScene } from './scene.ts'

const beatMs = Number(process.env.DEMO_BEAT_MS ?? 45)
const drip: Fault = { type: 'drip', ms: beatMs }

const outage: readonly { readonly after: number; readonly faults: readonly Fault[]; readonly says: string }[] = [
  { after: 5, faults: [drip, { type: 'status', status: 503 }], says: 'The primary is down: it answers 503.' },
  { after: 9, faults: [drip, { type: 'reset' }], says: 'It gets worse: the primary resets every connection.' },
  { after: 12, faults: [drip, { type: 'silence' }], says: 'Now the primary accepts calls and says nothing.' },
  { after: 17, faults: [drip], says: 'The primary is well again.' },
]
const requests = 25
const downFrom = 5
const wellFrom = 17

await using scene = await createScene(beatMs)
const { chain, primary, backup, events } = scene
const tally = { answered: 0, failed: 0, duringOutage: 0, deadAttempts: 0, recovered: 0 }
let stage = 0

console.log(`
${styleText('bold', 'Switchyard')}: two simulated providers (no real model speaks here), one chain, one outage.

  ${styleText('cyan', 'demo')}  =  primary/gpt-sim, then backup/gpt-sim
`)

events.on('attempt-started', ({ target }) => {
  if (stage > 0 && stage < outage.length && target.startsWith('primary')) tally.deadAttempts++
})
events.on('attempt-failed', ({ target, kind }) => note('yellow', `${target.split('/')[0]} failed: ${kind}`))
events.on('retry-scheduled', ({ delayMs }) => note('yellow', `asked again after ${Math.round(delayMs)} ms`))
events.on('fallback-chosen', ({ to }) => note('yellow', `${to.split('/')[0]} takes over`))
events.on('circuit-opened', ({ target, openForMs }) => {
  note('red', `circuit of ${target} open: spared for ${((openForMs ?? 0) / 1000).toFixed(1)} s`)
})
events.on('circuit-half-opened', ({ target }) => note('magenta', `circuit of ${target} half-open: one probe`))
events.on('circuit-closed', ({ target }) => note('green', `circuit of ${target} closed: it is asked again`))

for (let number = 1; number <= requests; number++) {
  while (stage < outage.length && number > (outage[stage]?.after ?? 0)) {
    const next = outage[stage++]
    primary.setFault([...(next?.faults ?? [])])
    console.log(`\n${styleText(stage === outage.length ? ['bold', 'green'] : ['bold', 'red'], `  ${next?.says}`)}\n`)
  }
  await ask(number)
  await pause(beatMs * 4)
}

console.log(`
  ${tally.answered} of ${requests} requests answered, ${tally.failed} errors seen by the caller.
  During the outage: ${tally.duringOutage} requests, ${tally.deadAttempts} attempts at the dead provider.
  ${tally.recovered > 0 ? `The primary answered again ${tally.recovered - wellFrom} requests after it was well.` : 'The primary has not been asked again yet.'}
  On the wire: ${primary.requests.length} requests to the primary, ${backup.requests.length} to the backup.
`)
process.exitCode = tally.failed === 0 && tally.recovered > 0 ? 0 : 1

async function ask(number: number): Promise<void> {
  let line = styleText('dim', `  ${String(number).padStart(2)} `)
  process.stdout.write(line)
  const began = performance.now()
  const isDown = number > downFrom && number <= wellFrom
  if (isDown) tally.duringOutage++
  try {
    const stream = await chain.sendMessage({ messages: [{ role: 'user', content: 'Speak to me.' }] })
    let target = ''
    for await (const chunk of stream) {
      if (chunk.type === 'start') {
        target = chunk.model.split('/')[0] ?? ''
        const color = target === 'primary' ? 'green' : 'blue'
        const waited = `${Math.round(performance.now() - began)} ms`
        if (chunk.failedAttempts?.some(attempt => attempt.sent !== false)) process.stdout.write(line)
        process.stdout.write(`${styleText(color, target.padEnd(8))}${styleText('dim', waited.padStart(8))}  `)
      }
      if (chunk.type === 'text-delta') process.stdout.write(chunk.text)
    }
    tally.answered++
    if (target === 'primary' && number > wellFrom && tally.recovered === 0) tally.recovered = number
    process.stdout.write('\n')
  } catch (error) {
    tally.failed++
    line = styleText('red', String(error))
    process.stdout.write(`${line}\n`)
  }
}

function note(color: 'yellow' | 'red' | 'magenta' | 'green', text: string): void {
  process.stdout.write(`${styleText(color, text)}\n     `)
}
