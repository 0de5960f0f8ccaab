import { setTimeout as pause } from 'node:timers/promises'
import { styleText } from 'node:util'
import type { Fault } from '@switchyard/simulator'
import { createScene } from './scene.ts'

const requests = 18
const downFrom = 3
const wellFrom = 12

/** Eighteen requests, nine of them in an outage; settles with whether all were answered and the primary came back. */
export async function showOutage(beatMs: number): Promise<boolean> {
  const drip: Fault = { type: 'drip', ms: beatMs }
  const outage: readonly { readonly after: number; readonly faults: readonly Fault[]; readonly says: string }[] = [
    { after: downFrom, faults: [drip, { type: 'status', status: 503 }], says: 'The primary is down: it answers 503.' },
    { after: 7, faults: [drip, { type: 'reset' }], says: 'It gets worse: the primary resets every connection.' },
    { after: 9, faults: [drip, { type: 'silence' }], says: 'Now the primary accepts calls and says nothing.' },
    { after: wellFrom, faults: [drip], says: 'The primary is well again.' },
  ]
  await using scene = await createScene(beatMs)
  const { chain, primary, backup, events } = scene
  const tally = { answered: 0, failed: 0, duringOutage: 0, deadAttempts: 0, recovered: 0 }
  let stage = 0

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
  return tally.failed === 0 && tally.recovered > 0

  async function ask(number: number): Promise<void> {
    const began = performance.now()
    if (number > downFrom && number <= wellFrom) tally.duringOutage++
    try {
      const stream = await chain.sendMessage({ messages: [{ role: 'user', content: 'Speak to me.' }] })
      for await (const chunk of stream) {
        if (chunk.type === 'start') {
          const target = chunk.model.split('/')[0] ?? ''
          const waited = `${Math.round(performance.now() - began)} ms`
          const who = styleText(target === 'primary' ? 'green' : 'blue', target.padEnd(8))
          process.stdout.write(
            `${styleText('dim', `  ${String(number).padStart(2)} `)}${who}${styleText('dim', waited.padStart(8))}  `,
          )
          if (target === 'primary' && number > wellFrom && tally.recovered === 0) tally.recovered = number
        }
        if (chunk.type === 'text-delta') process.stdout.write(chunk.text)
      }
      tally.answered++
      process.stdout.write('\n')
    } catch (error) {
      tally.failed++
      process.stdout.write(`${styleText('red', `  ${String(number).padStart(2)} ${error}`)}\n`)
    }
  }
}

function note(color: 'yellow' | 'red' | 'magenta' | 'green', text: string): void {
  process.stdout.write(`     ${styleText(color, text)}\n`)
}
